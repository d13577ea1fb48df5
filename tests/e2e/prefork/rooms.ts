/** A worker whose WebSocket clients are in one room with those of all other workers. */
import { EventLoop } from "../../../loop/mod.ts";
import { worker } from "../../../prefork/mod.ts";
import { BusRelay, Rooms, WsServer } from "../../../websocket/mod.ts";

const me = await worker();
const loop = new EventLoop({ poller: "epoll" });
const rooms: Rooms = new Rooms({
  onOpen(connection) {
    rooms.join(connection, "all");
    connection.send(`worker ${me.id}`);
  },
  onMessage: (_, message) => void rooms.broadcast("all", message),
}, { relay: new BusRelay(me.bus) });
const server = new WsServer(rooms, { loop });
await server.listen({ hostname: me.hostname, port: me.port, reusePort: true });
me.onRetire(async () => {
  await server[Symbol.asyncDispose]();
});
me.ready();
