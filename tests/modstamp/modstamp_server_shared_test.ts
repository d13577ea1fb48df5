import { assertEquals } from "@std/assert";
import { SharedStore } from "./shared_store.ts";
import { SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";
import { change, query } from "./wire.ts";

async function start(): Promise<{ world: SimulatedServer; store: SharedStore }> {
  const store = new SharedStore();
  store.values.set("a", "1");
  return { store, world: await SimulatedServer.start({ store }) };
}

Deno.test("ModstampServer tells its subscribers what other servers change", async () => {
  const { world, store } = await start();
  using _world = world;
  const reader = await world.peer(STRANGER);
  reader.send(query("a", "b"));
  await world.settle();
  store.changeElsewhere("a", "2")();
  store.changeElsewhere("b", "1")();
  store.changeElsewhere("c", "1")();
  store.changeElsewhere("a", "")();
  await world.settle();
  const expected = ["reply a=1", "reply b=", "signal a=2", "signal b=1", "signal a="];
  assertEquals(reader.takeTexts(), expected);
  store.changeElsewhere("c", "")();
  assertEquals(world.server.stats().ids, 2);
});

Deno.test("ModstampServer stores a value that it believes to be there, as another may have come", async () => {
  const { world, store } = await start();
  using _world = world;
  const writer = await world.peer(WRITER);
  const tell = store.changeElsewhere("a", "2");
  writer.send(change("a", "1"));
  await world.settle();
  assertEquals([store.commits, writer.takeTexts()], [[{ a: "1" }], []]);
  store.succeed();
  await world.settle();
  tell();
  assertEquals(writer.takeTexts(), ["confirm a=1"]);
  assertEquals([store.values.get("a"), world.server.value("a")], ["1", Uint8Array.of(0x31)]);
});

Deno.test("ModstampServer takes what another server changed after its own change", async () => {
  const { world, store } = await start();
  using _world = world;
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  reader.send(query("a"));
  writer.send(change("a", "2"));
  await world.settle();
  store.succeed();
  await Promise.resolve();
  store.changeElsewhere("a", "3")();
  await world.settle();
  assertEquals(writer.takeTexts(), ["confirm a=2"]);
  assertEquals(world.server.value("a"), Uint8Array.of(0x33));
  assertEquals(reader.takeTexts().at(-1), "signal a=3");
});

Deno.test("ModstampServer does not write its value over that of another after a failed commit", async () => {
  const { world, store } = await start();
  using _world = world;
  const writer = await world.peer(WRITER);
  writer.send(change("a", "2"));
  await world.settle();
  store.fail();
  await world.settle();
  store.changeElsewhere("a", "3");
  await world.network.advance(10_000);
  assertEquals([store.values.get("a"), store.commits.length], ["3", 1]);
});
