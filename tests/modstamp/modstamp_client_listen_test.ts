import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { MemoryModstampStore, ModstampServer, NoAnswerError } from "../../modstamp/mod.ts";
import { clientOn, Reader } from "./simulated_client.ts";
import { SERVER_ADDRESS, SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";
import { change, message, packet, query } from "./wire.ts";

/** A server, somebody who changes values, and the host of those who listen. */
async function start(options: Parameters<typeof SimulatedServer.start>[1] = {}) {
  const world = await SimulatedServer.start({ store: new MemoryModstampStore() }, options);
  const writer = await world.peer(WRITER);
  const set = async (id: string, value: string): Promise<void> => {
    writer.send(change(id, value));
    await world.settle();
  };
  return { world, set, host: world.network.host(STRANGER) };
}

Deno.test("ModstampClient.listen() tells what changes from now on when nothing is known", async () => {
  const { world, set, host } = await start();
  using _world = world;
  await set("a", "old");
  await using client = clientOn(host);
  const reader = new Reader(client, { a: null, b: null });
  await world.settle();
  assertEquals(reader.take(), []);
  await set("a", "new");
  await set("b", "first");
  await set("c", "nobody's");
  await set("a", "");
  assertEquals(reader.take(), ["a=new", "b=first", "a="]);
});

Deno.test("ModstampClient.listen() tells a value that is not the known one", async () => {
  const { world, set, host } = await start();
  using _world = world;
  await set("a", "1");
  await set("b", "1");
  await using client = clientOn(host);
  const known = { a: "1", b: "0", c: "", d: "gone", e: new Uint8Array() };
  const reader = new Reader(client, known);
  await world.settle();
  assertEquals(reader.take().toSorted(), ["b=1", "d="]);
  await set("c", "1");
  assertEquals(reader.take(), ["c=1"]);
});

Deno.test("ModstampClient.listen() tells a change once", async () => {
  const { world, set, host } = await start({ faults: { duplicate: 0.9 } });
  using _world = world;
  await using client = clientOn(host);
  const reader = new Reader(client, { a: "" });
  await world.settle();
  await set("a", "1");
  assertEquals(reader.take(), ["a=1"]);
  await world.network.advance(200_000);
  assertEquals(reader.take(), []);
});

Deno.test("ModstampClient.listen() gives a slow reader the last value of each id", async () => {
  const { world, set, host } = await start();
  using _world = world;
  await using client = clientOn(host);
  await using changes = client.listen({ a: "", b: "" });
  await world.settle();
  for (let i = 1; i <= 100; i++) await set(i % 3 === 0 ? "b" : "a", `${i}`);
  const texts: string[] = [];
  for await (const { id, value, bytes } of changes) {
    assertEquals(new TextDecoder().decode(bytes), value);
    texts.push(`${id}=${value}`);
    if (texts.length === 2) break;
  }
  assertEquals(texts, ["b=99", "a=100"]);
});

Deno.test("ModstampClient.listen() hears of what it missed with its next query", async () => {
  const { world, set, host } = await start();
  using _world = world;
  await using client = clientOn(host);
  const reader = new Reader(client, { a: "" });
  await world.settle();
  using _partition = world.network.partition([host]);
  await set("a", "1");
  _partition.heal();
  await world.network.advance(58_000);
  assertEquals(reader.take(), []);
  await world.network.advance(4000);
  assertEquals(reader.take(), ["a=1"]);
});

Deno.test("ModstampClient.listen() queries every 59 to 61 s, all ids together", async () => {
  const { world, host } = await start();
  using _world = world;
  await using client = clientOn(host);
  const reader = new Reader(client, { a: null, b: null, c: null });
  await world.network.advance(3_600_000);
  const { packets, queries } = world.server.stats();
  assert(packets >= 58 && packets <= 62, `${packets} packets an hour`);
  assertEquals(queries, 3 * packets);
  await reader.stop();
  await world.network.advance(3_600_000);
  assertEquals(world.server.stats().packets, packets);
});

Deno.test("ModstampClient.listen() serves several listeners, each with what it knows", async () => {
  const { world, set, host } = await start();
  using _world = world;
  await set("a", "1");
  await using client = clientOn(host);
  const readers = [{ a: null }, { a: "1" }, { a: "0" }].map((known) => new Reader(client, known));
  await world.settle();
  assertEquals(readers.map((reader) => reader.take()), [[], [], ["a=1"]]);
  await readers[1]!.stop();
  await set("a", "2");
  assertEquals(readers.map((reader) => reader.take()), [["a=2"], [], ["a=2"]]);
  assertEquals(readers[1]!.ended, { error: undefined });
});

Deno.test("ModstampClient.listen() goes on when the server has crashed and is back", async () => {
  const { world, set, host } = await start();
  using _world = world;
  await using client = clientOn(host);
  const reader = new Reader(client, { a: null });
  await world.settle();
  await set("a", "1");
  world.host.crash();
  await world.network.advance(90_000);
  await world.restart();
  await set("a", "2");
  await world.network.advance(30_000);
  assertEquals(reader.take(), ["a=1", "a=2"]);
  await set("a", "3");
  assertEquals(reader.take(), ["a=3"]);
});

Deno.test("ModstampClient.listen() goes on behind a NAT that forgets", async () => {
  const { world, set } = await start();
  using _world = world;
  const nat = world.network.nat("203.0.113.200", { idleMs: 30_000 });
  await using client = clientOn(nat.host("192.168.0.2"));
  const reader = new Reader(client, { a: "" });
  await world.settle();
  await set("a", "1");
  assertEquals(reader.take(), ["a=1"]);
  nat.rebind();
  await set("a", "2");
  assertEquals(reader.take(), []);
  await world.network.advance(61_000);
  assertEquals(reader.take(), ["a=2"]);
  await set("a", "3");
  assertEquals(reader.take(), ["a=3"]);
});

Deno.test("ModstampClient.listen() finds a server that has moved", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const serve = async (address: string): Promise<ModstampServer> => {
    const loop = new EventLoop({ poller: network.host(address, { name: "server.test" }).poller() });
    return await ModstampServer.listen({ loop });
  };
  await serve("10.0.0.1");
  await using client = clientOn(network.host(STRANGER), { hostname: "server.test" });
  const reader = new Reader(client, { a: "known" });
  await network.advance(1000);
  assertEquals(reader.take(), ["a="]);
  network.host("10.0.0.1").crash();
  const moved = await serve("10.0.0.2");
  await network.advance(90_000);
  assertEquals(moved.stats().subscriptions, 1);
});

Deno.test("ModstampClient.listen() takes a fresh socket when several listeners hear nothing", async () => {
  const { world, host } = await start();
  using _world = world;
  const loop = new EventLoop({ poller: host.poller() });
  loop.resolve = async (hostname) => {
    await loop.sleep(5000);
    return [hostname];
  };
  const client = clientOn(host, { loop });
  const readers = [1, 2, 3].map(() => new Reader(client, { a: null }, { onSilence() {} }));
  await world.network.advance(6000);
  world.host.crash();
  await world.network.advance(600_000);
  await world.restart();
  await world.network.advance(30_000);
  assertEquals(world.server.stats().subscriptions, 1, "by one socket only");
  await client[Symbol.asyncDispose]();
  assertEquals(readers.map(({ ended }) => ended), [1, 2, 3].map(() => ({ error: undefined })));
  await loop.run();
});

Deno.test("ModstampClient.listen() reports silence, again and again, and goes on", async () => {
  const { world, set, host } = await start();
  using _world = world;
  await using client = clientOn(host);
  const reports: number[] = [];
  const reader = new Reader(client, { a: null }, {
    silenceMs: 120_000,
    onSilence: (silentMs) => void reports.push(silentMs),
  });
  await world.settle();
  world.host.crash();
  await world.network.advance(500_000);
  assertEquals(
    reports.map((ms) => Math.floor(ms / 120_000)),
    [1, 2, 3, 4].slice(0, reports.length),
  );
  assert(reports.length >= 3, `${reports}`);
  await world.restart();
  await world.network.advance(30_000);
  await set("a", "1");
  assertEquals(reader.take(), ["a=1"]);
});

Deno.test("ModstampClient.listen() gives up when the server is silent for 300 s", async () => {
  const { world, host } = await start();
  using _world = world;
  await using client = clientOn(host);
  const reader = new Reader(client, { a: null });
  await world.settle();
  world.host.crash();
  await world.network.advance(299_000);
  assertEquals(reader.ended, null);
  await world.network.advance(30_000);
  assertInstanceOf(reader.ended?.error, NoAnswerError);
});

Deno.test("ModstampClient.listen() ends with the reason of its signal", async () => {
  const { world, host } = await start();
  using _world = world;
  await using client = clientOn(host);
  const controller = new AbortController();
  const reader = new Reader(client, { a: null }, { signal: controller.signal });
  await world.settle();
  controller.abort(new RangeError("Enough"));
  await world.settle();
  assertInstanceOf(reader.ended?.error, RangeError);
  const late = client.listen({ a: null }, { signal: controller.signal });
  await assertRejects(() => late.next(), RangeError, "Enough");
  const { packets } = world.server.stats();
  await world.network.advance(200_000);
  assertEquals(world.server.stats().packets, packets);
});

Deno.test("ModstampClient.listen() hears only its server, and of it only what it asked for", async () => {
  const { world, host } = await start();
  using _world = world;
  await using client = clientOn(host);
  const reader = new Reader(client, { a: "" });
  await world.settle();
  const subscriber = world.network.stats();
  assert(subscriber.sent > 0);
  const forger = await world.peer("203.0.113.99");
  for (let port = 1; port < 65_536; port += 1) {
    if (port < 49_152 && port > 1024) continue;
    forger.talkTo({ hostname: STRANGER, port });
    forger.send(packet(message("signal", "a", "forged")));
  }
  await world.settle();
  assertEquals(reader.take(), []);
  forger.talkTo({ hostname: SERVER_ADDRESS, port: 1415 });
  forger.send(query("a"));
  await world.settle();
  assertEquals(forger.takeTexts(), ["reply a="]);
});
