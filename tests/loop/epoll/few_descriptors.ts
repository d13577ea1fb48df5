/**
 * Echoes on a port, which it prints, until its input ends; then prints what the listener counted.
 *
 * @module
 */
import { EventLoop } from "../../../loop/mod.ts";

await using loop = new EventLoop({ poller: "epoll" });
const listener = await loop.listenStream({
  hostname: "127.0.0.1",
  onConnection: () => ({ onData: (chunk, stream) => void stream.write(chunk) }),
});
console.log((listener.localAddress as { port: number }).port);
for await (const _chunk of Deno.stdin.readable);
console.log(JSON.stringify(listener.stats()));
