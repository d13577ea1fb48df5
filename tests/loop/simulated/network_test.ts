import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventLoop, SimulatedNetwork, SimulationError } from "../../../loop/mod.ts";

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
