/** The peer to compare with: a bare UDP echo on `Deno.listenDatagram`. Prints its port. */
const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
console.log((socket.addr as Deno.NetAddr).port);
for await (const [bytes, address] of socket) await socket.send(bytes, address);
