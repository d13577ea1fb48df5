/** A UDP echo on the bare epoll poller, turned by hand instead of by a loop. Prints its port. */
import { EpollPoller } from "../../loop/epoll/poller.ts";

const poller = new EpollPoller();
const due: (() => void | Promise<void>)[] = [];
poller.attach({
  now: () => poller.clock.monotonicMs(),
  callSoon: (callback) => due.push(callback) > 0,
  callLater: () => null,
  report: (error) => {
    throw error;
  },
  start: () => undefined,
  halt: () => undefined,
});
const socket = await poller.bindDatagram({
  hostname: "127.0.0.1",
  onBatch: (batch, socket) => {
    for (let i = 0; i < batch.count; i++) {
      const start = batch.start(i);
      socket.outbox.send(batch.peer(i), batch.bytes.subarray(start, batch.end(i)));
    }
  },
});
console.log(socket.localAddress.port);
for (;;) {
  for (const callback of due.splice(0)) callback();
  poller.clock.monotonicMs();
  await poller.poll(due.length > 0 ? 0 : Infinity);
  poller.respond();
}
