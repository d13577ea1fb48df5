/** WebSocket echo and broadcast on `Deno.upgradeWebSocket`; prints its port. */
const sockets = new Set<WebSocket>();
const onListen = ({ port }: Deno.NetAddr): void => console.log(port);
Deno.serve({ port: 0, hostname: "127.0.0.1", onListen }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => void sockets.add(socket);
  socket.onclose = () => void sockets.delete(socket);
  socket.onmessage = ({ data }) => {
    if (!data.startsWith("B")) return socket.send(data);
    for (const each of sockets) each.send(data);
  };
  return response;
});
