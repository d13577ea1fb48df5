import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  EventLoop,
  type NetworkEvent,
  SimulatedNetwork,
  SimulationError,
} from "../../../loop/mod.ts";

Deno.test("SimulatedNetwork.advance() fires timers in virtual time", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const fired: number[] = [];
  loop.every(60_000, () => void fired.push(loop.now()));
  await network.advance(59_999);
  assertEquals(fired, []);
  await network.advance(1);
  assertEquals(fired, [60_000]);
  await network.advance(120_000);
  assertEquals(fired, [60_000, 120_000, 180_000]);
  assertEquals(network.now, 180_000);
});

Deno.test("SimulatedNetwork drives itself while a loop has something to wait for", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  await loop.sleep(3_600_000);
  assertEquals(loop.now(), 3_600_000);
  assertEquals(loop.wallNow(), Date.UTC(2025, 0, 1, 1));
});

Deno.test("SimulatedNetwork.settled() resolves when nothing can happen any more", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  await loop.bindDatagram({ onBatch() {} });
  loop.callLater(250, () => {});
  await network.settled();
  assertEquals(network.now, 250);
});

Deno.test("SimulatedNetwork.until() tells how long a condition took", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  let ticks = 0;
  loop.every(10, () => void ticks++);
  assertEquals(await network.until(() => ticks === 7), 70);
  await assertRejects(() => network.until(() => false, { timeoutMs: 5 }), SimulationError);
  await assertRejects(() => network.until(() => JSON.parse("{")), SyntaxError);
});

Deno.test("SimulatedNetwork.advance() fails beyond the end of the clock", async () => {
  using network = new SimulatedNetwork({ seed: 1, maxMs: 1000 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  loop.every(10, () => {});
  await assertRejects(() => network.advance(1001), RangeError, "ends at 1000 ms");
  await assertRejects(() => network.settled(), SimulationError, "ends at 1000 ms");
  assertEquals(network.now, 1000);
});

Deno.test("SimulatedNetwork.advance() fails when a loop never waits", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const again = (): void => void loop.callSoon(again);
  loop.callSoon(again);
  await assertRejects(() => network.advance(1), SimulationError, "time stands still at 0 ms");
});

Deno.test("SimulatedNetwork.close() ends all loops", async () => {
  const network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  let ticks = 0;
  loop.every(10, () => void ticks++);
  await network.advance(10);
  network.close();
  await loop[Symbol.asyncDispose]();
  assertEquals(ticks, 1);
  await assertRejects(() => network.advance(1), SimulationError, "was closed");
});

Deno.test("SimulatedNetwork takes the loops of an instant in an order that the seed decides", async () => {
  const orders = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    using network = new SimulatedNetwork({ seed });
    let order = "";
    for (const name of ["a", "b", "c"]) {
      const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
      loop.callLater(10, () => void (order += name));
    }
    await network.settled();
    orders.add(order);
  }
  assertEquals([...orders].sort(), ["abc", "acb", "bac", "bca", "cab", "cba"]);
});

Deno.test("SimulatedNetworkOptions.onEvent tells of everything that is counted", async () => {
  const events: NetworkEvent[] = [];
  using network = new SimulatedNetwork({ seed: 1, onEvent: (event) => void events.push(event) });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const socket = await loop.bindDatagram({ port: 7, onBatch() {} });
  await network.advance(5);
  socket.send(socket.peers.internAddress("10.0.0.2", 8), new Uint8Array(3));
  await network.settled();
  const [booted, ...rest] = events;
  assertEquals(booted, { atMs: 0, what: "booted", from: "10.0.0.1", to: "", length: 0 });
  const datagram = { atMs: 5, from: "10.0.0.1 7", to: "10.0.0.2 8", length: 3 };
  assertEquals(rest, [{ ...datagram, what: "sent" }, { ...datagram, what: "unreachable" }]);
});

Deno.test("SimulatedNetwork lets promise chains settle before time moves", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  let settledAt = -1;
  loop.callLater(5, async () => {
    for (let i = 0; i < 1000; i++) await Promise.resolve();
    settledAt = loop.now();
  });
  loop.callLater(6, () => assert(settledAt === 5));
  await network.settled();
  assertEquals([settledAt, loop.stats().errors], [5, 0]);
});
