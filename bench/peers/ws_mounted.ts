/** WebSocket echo and broadcast on this package's mounted front; prints its port. */
import { WsServer } from "../../websocket/mod.ts";

const server: WsServer = new WsServer({
  onMessage(connection, message) {
    if (typeof message === "string" && message.startsWith("B")) server.broadcast(message);
    else connection.send(message);
  },
});
const onListen = ({ port }: Deno.NetAddr): void => console.log(port);
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen }, server.handler);
