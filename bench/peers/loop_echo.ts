/** A UDP echo on the event loop, with the poller that SLUICE_POLLER names. Prints its port. */
import { EventLoop } from "../../loop/mod.ts";

const loop = new EventLoop();
const socket = await loop.bindDatagram({
  hostname: "127.0.0.1",
  onBatch: (batch, socket) => {
    const { outbox } = socket;
    for (let i = 0; i < batch.count; i++) {
      const start = batch.start(i);
      outbox.send(batch.peer(i), batch.bytes.subarray(start, batch.end(i)));
    }
  },
});
console.log(socket.localAddress.port);
