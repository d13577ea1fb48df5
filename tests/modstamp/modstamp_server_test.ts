import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { EventLoop, ListenError } from "../../loop/mod.ts";
import { MemoryModstampStore, ModstampServer, StoreError } from "../../modstamp/mod.ts";
import { ManualStore } from "./manual_store.ts";
import { SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";
import { change, message, packet, query } from "./wire.ts";

const TTL_MS = 300_000;

Deno.test("ModstampServer confirms and signals a change once it is durable", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  reader.send(query("a"));
  await world.settle();
  assertEquals(reader.takeTexts(), ["reply a="]);
  writer.send(change("a", "1"));
  await world.settle();
  reader.send(query("a"));
  await world.settle();
  assertEquals([writer.takeTexts(), reader.takeTexts()], [[], ["reply a="]]);
  assertEquals(world.server.value("a"), undefined);
  store.succeed();
  await world.settle();
  assertEquals([writer.takeTexts(), reader.takeTexts()], [["confirm a=1"], ["signal a=1"]]);
  assertEquals(world.server.value("a"), Uint8Array.of(0x31));
});

Deno.test("ModstampServer answers a change and queries of one packet in order", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const writer = await world.peer(WRITER);
  writer.send(packet(
    message("query", "a"),
    message("change", "a", "1"),
    message("query", "a"),
    message("change", "a", ""),
    message("query", "a"),
  ));
  await world.settle();
  assertEquals(writer.takeTexts(), []);
  store.succeed();
  await world.settle();
  assertEquals(writer.takeTexts(), [
    "signal a=1",
    "signal a=",
    "reply a=",
    "confirm a=1",
    "reply a=1",
    "confirm a=",
    "reply a=",
  ]);
  assertEquals(store.commits, [{ a: "" }]);
});

Deno.test("ModstampServer commits changes that come during a commit together", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const writers = [await world.peer(WRITER), await world.peer("10.1.0.2")];
  for (let i = 0; i < 10; i++) {
    writers[i % 2]!.send(change(`id${i % 3}`, `${i}`));
    await world.settle();
  }
  assertEquals(store.commits, [{ id0: "0" }]);
  store.succeed();
  await world.settle();
  store.succeed();
  await world.settle();
  assertEquals(store.commits, [{ id0: "0" }, { id0: "9", id1: "7", id2: "8" }]);
  const texts = writers.flatMap((writer) => writer.takeTexts());
  assertEquals(texts.length, 10);
});

Deno.test("ModstampServer confirms nothing that the store refused", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  reader.send(query("a"));
  writer.send(change("a", "1"));
  await world.settle();
  writer.send(change("a", "1"));
  writer.send(change("b", "1"));
  await world.settle();
  store.fail();
  await world.settle();
  assertEquals([writer.takeTexts(), reader.takeTexts()], [[], ["reply a="]]);
  assertEquals(world.server.value("a"), undefined);
  assertInstanceOf(world.errors[0], StoreError);
  assertEquals(world.server.stats().failedCommits, 1);
  writer.send(change("a", "1"));
  await world.settle();
  store.succeed();
  await world.settle();
  assertEquals([writer.takeTexts(), reader.takeTexts()], [["confirm a=1"], ["signal a=1"]]);
  assertEquals(store.commits, [{ a: "1" }, { a: "1" }]);
});

Deno.test("ModstampServer writes a value again that a failed commit may have replaced", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  const set = async (value: string, end: () => void): Promise<void> => {
    writer.send(change("a", value));
    await world.settle();
    end();
    await world.settle();
  };
  await set("old", () => store.succeed());
  reader.send(query("a"));
  await world.settle();
  await set("new", () => store.fail(["a"]));
  assertEquals(store.values.get("a"), "new", "though the commit failed");
  await set("old", () => store.succeed());
  assertEquals(store.values.get("a"), "old");
  assertEquals(writer.takeTexts(), ["confirm a=old", "confirm a=old"]);
  assertEquals(reader.takeTexts(), ["reply a=old"], "what did not change is not signalled");
  await world.settle();
  writer.send(change("a", "old"));
  await world.settle();
  assertEquals(store.commits.length, 3, "certain again");
});

Deno.test("ModstampServer tells what was stored before", async () => {
  const store = new MemoryModstampStore();
  using world = await SimulatedServer.start({ store });
  const writer = await world.peer(WRITER);
  writer.send(change("a", "1"));
  await world.settle();
  world.host.crash();
  await world.restart();
  writer.send(query("a"));
  await world.settle();
  assertEquals(writer.takeTexts(), ["confirm a=1", "reply a=1"]);
});

Deno.test("ModstampServer signals changes for 300 s after the last query", async () => {
  using world = await SimulatedServer.start();
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  const hears = async (value: string): Promise<string[]> => {
    writer.send(change("a", value));
    await world.settle();
    return reader.takeTexts();
  };
  reader.send(query("a"));
  await world.network.advance(TTL_MS - 1000);
  assertEquals(await hears("1"), ["reply a=", "signal a=1"]);
  reader.send(query("a"));
  await world.network.advance(TTL_MS - 1000);
  assertEquals(await hears("2"), ["reply a=1", "signal a=2"]);
  await world.network.advance(2000);
  assertEquals(await hears("3"), []);
  assertEquals(world.server.stats().subscriptions, 0);
});

Deno.test("ModstampServer forgets ids and peers with their subscriptions", async () => {
  using world = await SimulatedServer.start({ maxPeers: 10, maxIds: 10 });
  const writer = await world.peer(WRITER);
  for (let round = 0; round < 5; round++) {
    const readers = await Promise.all(
      Array.from({ length: 9 }, () => world.peer(STRANGER)),
    );
    for (const [i, reader] of readers.entries()) reader.send(query(`${round}.${i}`));
    await world.settle();
    assertEquals(world.server.stats().subscriptions, 9);
    writer.send(change("mine", `${round}`));
    await world.settle();
    assertEquals(writer.takeTexts(), [`confirm mine=${round}`]);
    for (const reader of readers) assertEquals(reader.take().length, 1);
    await world.network.advance(TTL_MS + 2000);
    assertEquals(world.server.stats().subscriptions, 0);
    assertEquals(world.server.stats().ids, 1);
  }
  assertEquals(world.server.stats().overloaded, 0);
  assertEquals(world.server.stats().unsubscribed, 0);
});

Deno.test("ModstampServer expires more subscriptions at once than one iteration takes", async () => {
  const count = 20_000;
  using world = await SimulatedServer.start({ maxSubscriptionsPerPeer: count });
  const [reader, writer] = [await world.peer(STRANGER), await world.peer(WRITER)];
  for (let i = 0; i < count; i += 100) {
    reader.send(query(...Array.from({ length: 100 }, (_, j) => `${i + j}`)));
    await world.settle();
  }
  assertEquals(world.server.stats().subscriptions, count);
  await world.network.advance(TTL_MS + 2000);
  assertEquals([world.server.stats().subscriptions, world.server.stats().ids], [0, 0]);
  writer.send(query("a"));
  await world.settle();
  assertEquals(writer.takeTexts(), ["reply a="]);
});

Deno.test("ModstampServer repeats signals when told to", async () => {
  using world = await SimulatedServer.start({ broadcastRepeat: 3, repeatDelayMs: 1000 });
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  reader.send(query("a"));
  writer.send(change("a", "1"));
  await world.network.advance(900);
  assertEquals(reader.takeTexts(), ["reply a=", "signal a=1"]);
  await world.network.advance(10_000);
  assertEquals(reader.takeTexts(), ["signal a=1", "signal a=1"]);
});

Deno.test("ModstampServer does not repeat a signal that a later change outdates", async () => {
  using world = await SimulatedServer.start({ broadcastRepeat: 2, repeatDelayMs: 3000 });
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  reader.send(query("a"));
  await world.network.advance(TTL_MS - 500);
  writer.send(change("a", "1"));
  await world.network.advance(2000);
  assertEquals(world.server.stats().subscriptions, 0);
  writer.send(change("a", "2"));
  await world.settle();
  reader.send(query("a"));
  await world.network.advance(10_000);
  assertEquals(reader.takeTexts(), ["reply a=", "signal a=1", "reply a=2"]);
});

Deno.test("ModstampServer tells all subscribers of a change", async () => {
  using world = await SimulatedServer.start({ maxSubscriptions: 2000 });
  const writer = await world.peer(WRITER);
  const readers = await Promise.all(
    Array.from(
      { length: 8 },
      (_, i) => Promise.all(Array.from({ length: 250 }, () => world.peer(`203.0.${i}.1`))),
    ),
  );
  for (const reader of readers.flat()) reader.send(query("a"));
  await world.settle();
  for (const reader of readers.flat()) reader.take();
  writer.send(change("a", "1"));
  await world.settle();
  for (const reader of readers.flat()) assertEquals(reader.takeTexts(), ["signal a=1"]);
  assertEquals(world.server.stats().signals, 2000);
});

Deno.test("ModstampServer[Symbol.asyncDispose]() stores and confirms what it received", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const writer = await world.peer(WRITER);
  writer.send(change("a", "1"));
  await world.settle();
  writer.send(change("a", "2"));
  await world.settle();
  let closed = false;
  const closing = world.server[Symbol.asyncDispose]().then(() => closed = true);
  for (const value of ["1", "2"]) {
    await world.settle();
    assertEquals(closed, false);
    writer.send(change("late", "1"));
    await world.settle();
    store.succeed();
    await world.settle();
    assertEquals(writer.takeTexts(), [`confirm a=${value}`]);
  }
  await closing;
  await world.server[Symbol.asyncDispose]();
  assertEquals(store.commits, [{ a: "1" }, { a: "2" }]);
});

Deno.test("ModstampServer[Symbol.asyncDispose]() lets the process end", async () => {
  await using loop = new EventLoop();
  const server = await ModstampServer.listen({ loop, hostname: "127.0.0.1", port: 0 });
  assert(server.address.port > 0);
  assertEquals(server.address.hostname, "127.0.0.1");
  await server[Symbol.asyncDispose]();
  await loop.run();
});

Deno.test("ModstampServer.listen() fails when its port is taken", async () => {
  await using loop = new EventLoop();
  await using server = await ModstampServer.listen({ loop, hostname: "127.0.0.1", port: 0 });
  const { port } = server.address;
  await assertRejects(
    () => ModstampServer.listen({ loop, hostname: "127.0.0.1", port }),
    ListenError,
  );
});

Deno.test("ModstampServer.listen() fails when its store can't be read", async () => {
  const broken = new ManualStore();
  broken.load = () => Promise.reject(new StoreError("Cannot read it", { store: "test" }));
  await assertRejects(() => ModstampServer.listen({ store: broken, port: 0 }), StoreError);
  const big = new ManualStore();
  for (const id of ["a", "b", "c"]) big.values.set(id, "1");
  await assertRejects(
    () => ModstampServer.listen({ store: big, port: 0, maxIds: 2 }),
    RangeError,
    "Cannot load modstamp c as maxIds is 2",
  );
  await assertRejects(() => ModstampServer.listen({ port: -1 }), RangeError);
});
