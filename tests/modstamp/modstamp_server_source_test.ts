import { assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "../../modstamp/mod.ts";
import { ManualStore } from "./manual_store.ts";
import { SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";
import { changesOf } from "./store_conformance.ts";
import { change, query } from "./wire.ts";

Deno.test("ModstampServer.change() resolves once durable, and signals subscribers", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const reader = await world.peer(STRANGER);
  reader.send(query("a"));
  await world.settle();
  let isDone = false;
  const done = world.server.change(changesOf({ a: "1", b: "2" })).then(() => isDone = true);
  await world.settle();
  assertEquals([isDone, store.commits], [false, [{ a: "1", b: "2" }]]);
  store.succeed();
  await world.settle();
  await done;
  assertEquals(reader.takeTexts(), ["reply a=", "signal a=1"]);
  assertEquals(world.server.value("b"), Uint8Array.of(0x32));
});

Deno.test("ModstampServer.change() rejects what the store refuses, with what waits for it", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const one = assertRejects(() => world.server.change(changesOf({ a: "1" })), StoreError, "full");
  const two = assertRejects(() => world.server.change(changesOf({ b: "1" })), StoreError, "full");
  await world.settle();
  store.fail();
  await world.settle();
  await Promise.all([one, two]);
  assertEquals(world.server.value("a"), undefined);
});

Deno.test("ModstampServer.change() refuses too many ids, and keeps none of them", async () => {
  using world = await SimulatedServer.start({ maxIds: 2 });
  const changes = changesOf({ a: "1", b: "1", c: "1" });
  await assertRejects(() => world.server.change(changes), StoreError, "too many ids");
  assertEquals(world.server.stats().ids, 0);
  await assertRejects(() => world.server.change(changesOf({ "a b": "1" })), RangeError, '"a b"');
});

Deno.test("ModstampServer.watch() tells what anybody changes, and only that", async () => {
  using world = await SimulatedServer.start();
  const told: string[] = [];
  const watch = world.server.watch((id, value) => void told.push(`${id}=${value}`));
  const writer = await world.peer(WRITER);
  writer.send(change("a", "1"));
  await world.settle();
  writer.send(change("a", "1"));
  await world.settle();
  const done = world.server.change(changesOf({ a: "" }));
  await world.settle();
  await done;
  assertEquals(told, ["a=49", "a="]);
  watch[Symbol.dispose]();
  writer.send(change("a", "2"));
  await world.settle();
  assertEquals(told.length, 2);
});

Deno.test("ModstampServer.change() is refused once the server is closed", async () => {
  using world = await SimulatedServer.start();
  const closing = world.server[Symbol.asyncDispose]();
  await assertRejects(() => world.server.change(changesOf({ a: "1" })), StoreError, "closed");
  await world.settle();
  await closing;
});
