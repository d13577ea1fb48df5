import { assertEquals, assertRejects } from "@std/assert";
import { LinkedModstampStore, StoreError, StoreOwner } from "../../modstamp/mod.ts";
import { ManualStore } from "./manual_store.ts";
import { changesOf, contentsOf } from "./store_conformance.ts";

/** A server's end of an owner's store, and what it is told. */
function link(owner: StoreOwner): { store: LinkedModstampStore; told: string[] } {
  let receive = (_bytes: Uint8Array): void => {};
  const end = owner.attach((bytes) => {
    receive(bytes.slice());
    return true;
  });
  const store = new LinkedModstampStore({
    send: (bytes) => {
      end.receive(bytes.slice());
      return true;
    },
    onMessage: (handler) => receive = handler,
  });
  const told: string[] = [];
  store.subscribe((changes) => {
    for (const [id, value] of changes) told.push(`${id}=${new TextDecoder().decode(value)}`);
  });
  return { store, told };
}

Deno.test("StoreOwner tells all servers what the store holds of a write that failed", async () => {
  const kept = new ManualStore();
  kept.values.set("b", "old");
  const owner = new StoreOwner(kept);
  const [one, two] = [link(owner), link(owner)];
  for (const { store } of [one, two]) await contentsOf(store);
  const failing = assertRejects(
    () => one.store.commit(changesOf({ a: "1", b: "2", c: "3" })),
    StoreError,
    "Cannot write as the disk is full",
  );
  kept.fail(["a"]);
  await failing;
  const next = two.store.commit(changesOf({ d: "4" }));
  while (!kept.busy) await Promise.resolve();
  assertEquals([one.told, two.told], [["a=1", "b=old", "c="], ["a=1", "b=old", "c="]]);
  kept.succeed();
  await next;
  assertEquals(one.told.at(-1), "d=4");
});

Deno.test("LinkedModstampStore.load() fails when the owner can't read the store", async () => {
  const kept = new ManualStore();
  kept.load = () => Promise.reject(new StoreError("Cannot read the disk", { store: "test" }));
  const { store } = link(new StoreOwner(kept));
  await assertRejects(() => contentsOf(store), StoreError, "Cannot read the disk");
});
