/** A TCP echo on the loop; SLUICE_POLLER chooses its poller. Prints its port. */
import { EventLoop } from "../../loop/mod.ts";

const listener = await new EventLoop().listenStream({
  hostname: "127.0.0.1",
  backlog: 4096,
  onConnection: () => ({
    onData: (chunk, stream) => {
      if (!stream.write(chunk)) stream.pause();
    },
    onDrain: (stream) => stream.resume(),
  }),
});
console.log((listener.localAddress as { port: number }).port);
