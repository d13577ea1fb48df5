// WebSocket echo and broadcast on npm's ws; its folder is the first argument. Prints its port.
import { createRequire } from "node:module";

const { WebSocket, WebSocketServer } = createRequire(`${process.argv[2]}/`)("ws");
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => {
  console.log(server.address().port);
});
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => {
    if (data[0] !== 0x42) return socket.send(data, { binary: isBinary });
    for (const each of server.clients) {
      if (each.readyState === WebSocket.OPEN) each.send(data, { binary: isBinary });
    }
  });
});
