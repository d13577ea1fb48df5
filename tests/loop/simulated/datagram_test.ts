import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  ListenError,
  type NetworkFaults,
  SimulatedNetwork,
  UnknownHostError,
} from "../../../loop/mod.ts";
import { Station } from "./station.ts";

/** Sends numbered datagrams over a network with these faults. */
async function sendMany(
  faults: NetworkFaults,
  count = 1000,
): Promise<{ network: SimulatedNetwork; numbers: number[] }> {
  const network = new SimulatedNetwork({ seed: 11, faults });
  const to = await Station.start(network.host("10.0.0.1"), { port: 1415 });
  const from = await Station.start(network.host("10.0.0.2"));
  for (let i = 0; i < count; i++) from.send("10.0.0.1", 1415, String(i));
  await network.settled();
  network.close();
  return { network, numbers: to.texts.map(Number) };
}

function isSorted(numbers: number[]): boolean {
  return numbers.every((number, i) => i === 0 || numbers[i - 1] <= number);
}

Deno.test("SimulatedDatagram receives all in order when there are no faults", async () => {
  const { network, numbers } = await sendMany({});
  assertEquals(numbers, Array.from({ length: 1000 }, (_, i) => i));
  const { sent, delivered } = network.stats();
  assertEquals([sent, delivered], [1000, 1000]);
  assert(network.now >= 0.5 && network.now < 2.01);
});

Deno.test("SimulatedDatagram loses datagrams at the rate of the loss", async () => {
  const { network, numbers } = await sendMany({ loss: 0.3 });
  const { lost, delivered } = network.stats();
  assert(lost > 230 && lost < 370);
  assertEquals([numbers.length, delivered], [1000 - lost, 1000 - lost]);
  assert(isSorted(numbers));
});

Deno.test("SimulatedDatagram receives duplicates at their rate", async () => {
  const { network, numbers } = await sendMany({ duplicate: 0.2 });
  const { duplicated } = network.stats();
  assert(duplicated > 140 && duplicated < 260);
  assertEquals(numbers.length, 1000 + duplicated);
  assertEquals(new Set(numbers).size, 1000);
});

Deno.test("SimulatedDatagram receives datagrams out of order when they are held back", async () => {
  const { network, numbers } = await sendMany({ reorder: 0.2 });
  const { reordered } = network.stats();
  assert(reordered > 140 && reordered < 260);
  assert(!isSorted(numbers));
  assertEquals(new Set(numbers).size, 1000);
});

Deno.test("SimulatedDatagram receives datagrams after the delay", async () => {
  const { network } = await sendMany({ minDelayMs: 100, maxDelayMs: 120 });
  assert(network.now > 115 && network.now <= 120.01);
});

Deno.test("SimulatedDatagram loses what is longer than the MTU", async () => {
  const { network, numbers } = await sendMany({ mtu: 2 }, 150);
  assertEquals(numbers, Array.from({ length: 100 }, (_, i) => i));
  assertEquals(network.stats().oversized, 50);
});

Deno.test("SimulatedDatagram drops and counts what is longer than maxDatagramBytes", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const to = await Station.start(network.host("10.0.0.1"), { port: 1, maxDatagramBytes: 3 });
  const from = await Station.start(network.host("10.0.0.2"));
  from.send("10.0.0.1", 1, "abc");
  from.send("10.0.0.1", 1, "abcd");
  await network.settled();
  assertEquals([to.texts, to.socket.stats().oversized], [["abc"], 1]);
});

Deno.test("SimulatedDatagram drops what its receive buffer has no room for", async () => {
  using network = new SimulatedNetwork({ seed: 1, faults: { maxDelayMs: 0.5 } });
  const to = await Station.start(network.host("10.0.0.1"), { port: 1, kernelBufferBytes: 5200 });
  const from = await Station.start(network.host("10.0.0.2"));
  for (let i = 0; i < 20; i++) from.send("10.0.0.1", 1, "12345678");
  await network.settled();
  assertEquals([to.received.length, network.stats().overflowed], [10, 10]);
});

Deno.test("SimulatedNetwork.partition() keeps hosts apart until it is healed", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const [a, b, c] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((ip) => network.host(ip));
  const stations = await Promise.all([a, b, c].map((host) => Station.start(host, { port: 7 })));
  const sendAll = async (text: string): Promise<string[]> => {
    for (const station of stations) {
      for (const { address } of [a, b, c]) {
        if (address !== station.socket.localAddress.hostname) station.send(address, 7, text);
      }
    }
    await network.settled();
    return stations.map(({ received }) =>
      received.splice(0).map(({ from }) => from.split(" ")[0].slice(-1)).sort().join("")
    );
  };
  const partition = network.partition([a], [b]);
  assertEquals(await sendAll("1"), ["13", "23", "123"]);
  const other = network.partition([c]);
  assertEquals(await sendAll("2"), ["1", "2", "3"]);
  partition.heal();
  partition.heal();
  assertEquals(await sendAll("3"), ["12", "12", "3"]);
  other[Symbol.dispose]();
  assertEquals(await sendAll("4"), ["123", "123", "123"]);
  assertEquals(network.stats().partitioned, 2 + 6 + 4);
});

Deno.test("SimulatedNetwork.partition() stops what is on its way", async () => {
  using network = new SimulatedNetwork({ seed: 1, faults: { minDelayMs: 10, maxDelayMs: 10 } });
  const to = await Station.start(network.host("10.0.0.1"), { port: 7 });
  const from = await Station.start(network.host("10.0.0.2"));
  from.send("10.0.0.1", 7, "a");
  await network.advance(5);
  network.partition([network.host("10.0.0.1")]);
  await network.settled();
  assertEquals([to.received.length, network.stats().partitioned], [0, 1]);
});

Deno.test("SimulatedNetwork.setFaults() lets the faults of a link weigh most", async () => {
  using network = new SimulatedNetwork({ seed: 1, faults: { loss: 1 } });
  const [a, b, c] = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((ip) => network.host(ip));
  const to = await Station.start(a, { port: 7 });
  const near = await Station.start(b);
  const far = await Station.start(c);
  const send = async (): Promise<string[]> => {
    near.send("10.0.0.1", 7, "near");
    far.send("10.0.0.1", 7, "far");
    await network.settled();
    return to.received.splice(0).map(({ text }) => text).sort();
  };
  assertEquals(await send(), []);
  network.setFaults({ loss: 0 }, { to: a });
  assertEquals(await send(), ["far", "near"]);
  network.setFaults({ loss: 1 }, { from: b });
  assertEquals(await send(), ["far"]);
  network.setFaults({ loss: 0 }, { from: b, to: a });
  assertEquals(await send(), ["far", "near"]);
  network.setFaults({ loss: 1 }, { from: c, to: a });
  assertEquals(await send(), ["near"]);
});

Deno.test("SimulatedNetwork.setFaults() refuses what is out of range", () => {
  using network = new SimulatedNetwork({ seed: 1 });
  assertThrows(() => network.setFaults({ loss: 1.5 }), RangeError, "loss");
  assertThrows(() => network.setFaults({ duplicate: -1 }), RangeError, "duplicate");
  assertThrows(() => network.setFaults({ minDelayMs: 0 }), RangeError, "at least 0.01");
  assertThrows(() => network.setFaults({ reorder: NaN }), RangeError, "received NaN");
});

Deno.test("SimulatedDatagram binds addresses of its host only, and each port once", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1", { addresses: ["fd00::1"], name: "server" });
  const { loop } = await Station.start(host, { port: 53 });
  const bind = (hostname: string, port: number, reusePort = false) =>
    loop.bindDatagram({ hostname, port, reusePort, onBatch() {} });
  await assertRejects(() => bind("10.0.0.2", 0), ListenError, "none of this machine's");
  await assertRejects(() => bind("nobody", 0), ListenError, "none of this machine's");
  await assertRejects(() => bind("10.0.0.1", 53), ListenError, "in use");
  await assertRejects(() => bind("10.0.0.1", 53, true), ListenError, "in use");
  const four = await bind("10.0.0.1", 54);
  const six = await bind("fd00::1", 54);
  assertEquals(four.localAddress, { hostname: "10.0.0.1", port: 54 });
  assertEquals(six.localAddress, { hostname: "fd00::1", port: 54 });
  four.close();
  await bind("10.0.0.1", 54);
  assertEquals(await loop.resolve("server"), ["10.0.0.1", "fd00::1"]);
  await assertRejects(() => loop.resolve("nobody"), UnknownHostError);
});

Deno.test("SimulatedDatagram deals out peers among those who share a port", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const host = network.host("10.0.0.1");
  const first = await Station.start(host, { port: 7, reusePort: true });
  const second = await Station.start(host, { port: 7, reusePort: true });
  const sender = network.host("10.0.0.2");
  for (let i = 0; i < 4; i++) {
    const from = await Station.start(sender);
    for (let n = 0; n < 3; n++) from.send("10.0.0.1", 7, "x");
  }
  await network.settled();
  assertEquals([first.received.length, second.received.length], [6, 6]);
});

Deno.test("SimulatedDatagram speaks IPv4 and IPv6, and to itself", async () => {
  using network = new SimulatedNetwork({ seed: 1, faults: { loss: 1 } });
  network.setFaults({ loss: 0 }, { from: network.host("10.0.0.2", { addresses: ["fd00::2"] }) });
  const to = await Station.start(network.host("10.0.0.1", { addresses: ["fd00::1"] }), { port: 7 });
  const from = await Station.start(network.host("10.0.0.2"), { port: 9 });
  from.send("10.0.0.1", 7, "four");
  from.send("fd00::1", 7, "six");
  to.send("127.0.0.1", 7, "self");
  to.send("::1", 7, "self six");
  await network.settled();
  const seen = to.received.map(({ text, from }) => `${text} from ${from}`).sort();
  assertEquals(seen, [
    "four from 10.0.0.2 9",
    "self from 127.0.0.1 7",
    "self six from ::1 7",
    "six from fd00::2 9",
  ]);
});

Deno.test("SimulatedDatagram counts what it can't send and what nobody gets", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const from = await Station.start(network.host("10.0.0.2"));
  network.host("10.0.0.1");
  from.send("fd00::1", 7, "no IPv6 here");
  from.send("10.0.0.1", 7, "no socket there");
  from.send("10.0.0.3", 7, "no host there");
  await network.settled();
  assertEquals([from.socket.stats().sendErrors, from.socket.stats().sent], [1, 2]);
  assertEquals(network.stats().unreachable, 2);
});

Deno.test("SimulatedDatagram overwrites a batch once it was handled", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  let kept: Uint8Array | undefined;
  await Station.start(network.host("10.0.0.1"), {
    port: 7,
    onBatch: (batch) => kept = batch.bytes.subarray(batch.start(0), batch.end(0)),
  });
  const from = await Station.start(network.host("10.0.0.2"));
  from.send("10.0.0.1", 7, "abc");
  await network.settled();
  assertEquals(kept, new Uint8Array([0xdb, 0xdb, 0xdb]));
});

Deno.test("SimulatedDatagram hands over no more than maxBatch at a time", async () => {
  using network = new SimulatedNetwork({ seed: 1, faults: { maxDelayMs: 0.5 } });
  const sizes: number[] = [];
  await Station.start(network.host("10.0.0.1"), {
    port: 7,
    maxBatch: 4,
    onBatch: (batch) => void sizes.push(batch.count),
  });
  const from = await Station.start(network.host("10.0.0.2"));
  for (let i = 0; i < 10; i++) from.send("10.0.0.1", 7, "x");
  await network.settled();
  assertEquals(sizes, [4, 4, 2]);
});

Deno.test("SimulatedDatagram sends what is queued when it is disposed, not when it is closed", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const to = await Station.start(network.host("10.0.0.1"), { port: 7 });
  const closed = await Station.start(network.host("10.0.0.2"));
  closed.send("10.0.0.1", 7, "closed");
  closed.socket.close();
  assertEquals(closed.send("10.0.0.1", 7, "too late"), false);
  const disposed = await Station.start(network.host("10.0.0.2"));
  disposed.send("10.0.0.1", 7, "disposed");
  await disposed.socket[Symbol.asyncDispose]();
  await network.settled();
  assertEquals(to.texts, ["disposed"]);
});
