// Echo and broadcast on Socket.IO; its folder is the first argument. Prints its port.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const { Server } = createRequire(`${process.argv[2]}/`)("socket.io");
const http = createServer();
const server = new Server(http, { transports: ["websocket"] });
server.on("connection", (socket) => {
  socket.on("m", (text) => {
    if (text.startsWith("B")) server.emit("m", text);
    else socket.emit("m", text);
  });
});
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
