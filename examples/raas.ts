/**
 * Reverse as a service, for the supervisor: sends back each line reversed.
 *
 * `deno run -A prefork/main.ts examples/raas.ts -w 2 -p 8000`, then
 * `printf 'hello\n' | nc -q1 localhost 8000`
 *
 * @module
 */
import { EventLoop } from "@sluice/sluice/loop";
import { worker } from "@sluice/sluice/prefork";

/** A client that sends more without ending its line is cut off. */
const MAX_LINE = 65_536;

const me = await worker();
const encoder = new TextEncoder();
const listener = await new EventLoop().listenStream({
  hostname: me.hostname,
  port: me.port,
  reusePort: me.share === "reuseport",
  onConnection: () => {
    const decoder = new TextDecoder();
    let rest = "";
    return {
      onData: (chunk, stream) => {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop()!;
        for (const line of lines) stream.write(encoder.encode(`${[...line].reverse().join("")}\n`));
        if (rest.length > MAX_LINE) stream.terminate();
      },
    };
  },
});
me.onRetire(() => listener[Symbol.asyncDispose]());
me.ready();
