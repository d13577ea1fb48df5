/**
 * Topics of WAMP for the supervisor: whoever subscribes at one worker hears what is published at
 * any of them.
 *
 * ```sh
 * deno run -A prefork/main.ts examples/topics/main.ts -w 2 -p 8000
 * deno run -A examples/topics/client.ts 8000
 * deno run -A examples/topics/client.ts 8000 hello
 * ```
 *
 * @module
 */
import { worker } from "@sluice/sluice/prefork";
import { BusRelay, WampServer, WsServer } from "@sluice/sluice/websocket";

const me = await worker();
const wamp = new WampServer({
  /** Every procedure tells which worker its caller is connected to. */
  onCall: () => me.id,
}, { relay: new BusRelay(me.bus) });
const server = new WsServer(wamp);
await server.listen({
  hostname: me.hostname,
  port: me.port,
  reusePort: me.share === "reuseport",
});
me.onRetire(() => server[Symbol.asyncDispose]());
me.ready();
