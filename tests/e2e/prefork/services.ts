/** TCP and UDP services of a worker: both answer with who they are. */
import { EventLoop } from "../../../loop/mod.ts";
import { worker } from "../../../prefork/mod.ts";

const me = await worker();
const encoder = new TextEncoder();
const loop = new EventLoop({ poller: "epoll" });
const { hostname, port } = me;
const reusePort = me.share === "reuseport";
const answer = encoder.encode(`worker ${me.id} ${Deno.pid}`);
const streams = await loop.listenStream({
  hostname,
  port,
  reusePort,
  onConnection: () => ({
    onData: (_, stream) => {
      stream.write(answer);
      stream.end();
    },
  }),
});
const datagrams = await loop.bindDatagram({
  hostname,
  port,
  reusePort,
  onBatch: (batch, socket) => {
    for (let i = 0; i < batch.count; i++) socket.send(batch.peer(i), answer);
  },
});
me.onRetire(async () => {
  await Promise.all([streams[Symbol.asyncDispose](), datagrams[Symbol.asyncDispose]()]);
  console.log("services closed");
});
me.ready();
