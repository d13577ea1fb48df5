import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../../loop/mod.ts";
import { Station } from "./station.ts";

Deno.test("SimulatedHost.crash() ends all callbacks of its loops", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  const loop = new EventLoop({ poller: host.poller() });
  const other = new EventLoop({ poller: host.poller() });
  const calls: string[] = [];
  loop.every(10, () => void calls.push("timer"));
  loop.callLater(25, () => {
    loop.callSoon(() => void calls.push("queued before"));
    host.crash();
    loop.callSoon(() => void calls.push("queued after"));
    loop.callLater(0, () => void calls.push("armed after"));
    calls.push("crash");
  });
  loop.callAt(25, () => void calls.push("same instant"));
  void other.sleep(1000).then(() => calls.push("slept"));
  await network.advance(5000);
  assertEquals(calls, ["timer", "timer", "crash"]);
  await Promise.all([loop.run(), loop.stop(), other[Symbol.asyncDispose]()]);
  loop.callSoon(() => void calls.push("after stop"));
  await network.settled();
  assertEquals(calls.length, 3);
});

Deno.test("SimulatedHost.crash() takes sockets away, and what is on its way to them", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  const lost = await Station.start(host, { port: 7 });
  const from = await Station.start(network.host("10.0.0.2"));
  from.send("10.0.0.1", 7, "on its way");
  lost.send("10.0.0.2", from.socket.localAddress.port, "queued");
  host.crash();
  host.crash();
  assert(lost.socket.closed);
  await network.settled();
  const { crashed, unreachable } = network.stats();
  assertEquals([lost.received.length, from.received.length], [0, 0]);
  assertEquals([crashed, unreachable], [1, 1]);
});

Deno.test("SimulatedHost.poller() starts a crashed host again", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  await Station.start(host, { port: 7 });
  await network.advance(1000);
  host.crash();
  const again = await Station.start(host, { port: 7 });
  assertEquals(again.loop.now(), 0);
  assertEquals(again.loop.wallNow(), Date.UTC(2025, 0, 1, 0, 0, 1));
  const from = await Station.start(network.host("10.0.0.2"));
  from.send("10.0.0.1", 7, "hello");
  await network.settled();
  assertEquals(again.texts, ["hello"]);
  assertEquals(network.stats().booted, 3);
});

Deno.test("SimulatedHost.crash() leaves what its programs wait for pending", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  const loop = new EventLoop({ poller: host.poller() });
  host.crash();
  let came = false;
  void loop.bindDatagram({ onBatch() {} }).finally(() => came = true);
  void loop.sleep(1).finally(() => came = true);
  await network.advance(1000);
  assertEquals(came, false);
});

Deno.test("SimulatedHost.crash() leaves a stream that is being opened pending", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const server = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  let accepted = 0;
  await server.listenStream({
    port: 80,
    onConnection: () => {
      accepted++;
      return { onData() {} };
    },
  });
  const host = network.host("10.0.0.2");
  const loop = new EventLoop({ poller: host.poller() });
  let came = false;
  const handlers = { onData: () => {} };
  void loop.connectStream({ hostname: "10.0.0.1", port: 80, handlers }).finally(() => came = true);
  await network.until(() => network.stats().connected === 1);
  host.crash();
  await network.settled();
  assertEquals([came, accepted, network.stats().reset], [false, 1, 1]);
});

Deno.test("SimulatedHost.clockOffsetMs sets the wall clock of the host alone", () => {
  using network = new SimulatedNetwork({ seed: 1, wallMs: 1000 });
  const host = network.host("10.0.0.1");
  const loop = new EventLoop({ poller: host.poller() });
  const other = new EventLoop({ poller: network.host("10.0.0.2").poller() });
  host.clockOffsetMs = -300;
  assertEquals([loop.wallNow(), other.wallNow(), loop.now()], [700, 1000, 0]);
});

Deno.test("SimulatedHost.poller() gives each program random numbers of its own", () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  const numbers = [host.poller(), host.poller()].map(({ random }) => random.next());
  assertNotEquals(numbers[0], numbers[1]);
});
