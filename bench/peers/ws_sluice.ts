/** WebSocket echo and broadcast on this package; prints its port. */
import { EventLoop } from "../../loop/mod.ts";
import { WsServer } from "../../websocket/mod.ts";

const loop = new EventLoop();
const server: WsServer = new WsServer({
  onMessage(connection, message) {
    if (typeof message === "string" && message.startsWith("B")) server.broadcast(message);
    else connection.send(message);
  },
}, { loop });
const address = await server.listen({ hostname: "127.0.0.1" }) as { port: number };
console.log(address.port);
