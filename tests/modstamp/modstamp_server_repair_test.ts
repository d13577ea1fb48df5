import { assertEquals } from "@std/assert";
import { ManualStore } from "./manual_store.ts";
import { SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";
import { change, query } from "./wire.ts";

/** A server that serves `a=old` while its store holds `a=new`, as a commit has failed. */
async function startInDoubt(): Promise<{ world: SimulatedServer; store: ManualStore }> {
  const store = new ManualStore();
  store.values.set("a", "old");
  const world = await SimulatedServer.start({ store });
  const writer = await world.peer(WRITER);
  writer.send(change("a", "new"));
  await world.settle();
  store.fail(["a"]);
  await world.settle();
  assertEquals([store.values.get("a"), writer.takeTexts()], ["new", []]);
  return { world, store };
}

Deno.test("ModstampServer gives the store the value that it serves after a failed commit", async () => {
  const { world, store } = await startInDoubt();
  using _world = world;
  const reader = await world.peer(STRANGER);
  reader.send(query("a"));
  await world.network.advance(1500);
  assertEquals(store.commits.at(-1), { a: "old" });
  store.fail();
  await world.network.advance(1500);
  assertEquals(store.commits.length, 3, "it tries until it succeeds");
  store.succeed();
  await world.network.advance(10_000);
  assertEquals([store.values.get("a"), store.commits.length], ["old", 3]);
  assertEquals(reader.takeTexts(), ["reply a=old"]);
});

Deno.test("ModstampServer leaves a value in doubt to a change that is on its way", async () => {
  const { world, store } = await startInDoubt();
  using _world = world;
  const writer = await world.peer(WRITER);
  writer.send(change("a", "newer"));
  await world.network.advance(5000);
  store.succeed();
  await world.network.advance(5000);
  assertEquals(store.commits.slice(1), [{ a: "newer" }]);
  assertEquals(store.values.get("a"), "newer");
});

Deno.test("ModstampServer deletes from the store what a failed commit has left there", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const writer = await world.peer(WRITER);
  writer.send(change("b", "1"));
  await world.settle();
  store.fail(["b"]);
  await world.network.advance(1500);
  store.succeed();
  await world.settle();
  assertEquals([store.values.size, world.server.stats().ids], [0, 0]);
});

Deno.test("ModstampServer[Symbol.asyncDispose]() leaves no value in doubt if it can", async () => {
  const { world, store } = await startInDoubt();
  using _world = world;
  const closing = world.server[Symbol.asyncDispose]();
  await world.settle();
  store.succeed();
  await closing;
  assertEquals(store.values.get("a"), "old");
});
