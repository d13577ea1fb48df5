// A UDP echo on Node's dgram. Prints its port.
import { createSocket } from "node:dgram";

const socket = createSocket("udp4");
socket.on("message", (bytes, from) => socket.send(bytes, from.port, from.address));
socket.bind(0, "127.0.0.1", () => console.log(socket.address().port));
