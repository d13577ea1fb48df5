import { assertEquals, assertRejects } from "@std/assert";
import { MemoryModstampStore, StoreError, StoreSource } from "../../modstamp/mod.ts";
import { ManualStore } from "./manual_store.ts";
import { SharedStore } from "./shared_store.ts";
import { changesOf } from "./store_conformance.ts";

function text(value: Uint8Array | undefined): string {
  return value === undefined ? "none" : new TextDecoder().decode(value);
}

async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

Deno.test("StoreSource.change() resolves and tells once the store has the change", async () => {
  const store = new ManualStore();
  store.values.set("a", "1");
  await using source = await StoreSource.open(store);
  const told: string[] = [];
  const watch = source.watch((id, value) => void told.push(`${id}=${text(value)}`));
  const one = source.change(changesOf({ a: "2" }));
  await settled();
  assertEquals([text(source.value("a")), told], ["1", []]);
  const two = Promise.all([
    source.change(changesOf({ b: "3" })),
    source.change(changesOf({ a: "" })),
  ]);
  store.succeed();
  await one;
  assertEquals([text(source.value("a")), told], ["2", ["a=2"]]);
  await settled();
  store.succeed();
  await two;
  assertEquals(store.commits, [{ a: "2" }, { b: "3", a: "" }]);
  assertEquals([text(source.value("a")), told], ["none", ["a=2", "b=3", "a="]]);
  watch[Symbol.dispose]();
});

Deno.test("StoreSource.change() writes what is served again after a failed commit", async () => {
  const store = new ManualStore();
  store.values.set("a", "1");
  await using source = await StoreSource.open(store);
  const failed = source.change(changesOf({ a: "2" }));
  await settled();
  store.fail(["a"]);
  await assertRejects(() => failed, StoreError, "the disk is full");
  assertEquals([text(source.value("a")), store.values.get("a")], ["1", "2"]);
  const next = source.change(changesOf({ b: "1" }));
  await settled();
  store.succeed();
  await next;
  assertEquals(Object.fromEntries(store.values), { a: "1", b: "1" });
});

Deno.test("StoreSource takes what others change, unless its own change is newer", async () => {
  const store = new SharedStore();
  await using source = await StoreSource.open(store);
  const tellOlder = store.changeElsewhere("a", "older");
  const own = source.change(changesOf({ a: "own" }));
  await settled();
  store.succeed();
  await own;
  tellOlder();
  assertEquals(text(source.value("a")), "own");
  store.changeElsewhere("a", "newer")();
  assertEquals(text(source.value("a")), "newer");
});

Deno.test("StoreSource.change() refuses what is invalid, too much, or too late", async () => {
  const store = new ManualStore();
  const source = await StoreSource.open(store, { maxIds: 2, maxWaiting: 1 });
  await assertRejects(() => source.change(changesOf({ "no id": "1" })), RangeError, '"no id"');
  const long = changesOf({ a: "x".repeat(256) });
  await assertRejects(() => source.change(long), RangeError, "more than 255 bytes: 256");
  await assertRejects(
    () => source.change(changesOf({ a: "1", b: "1", c: "1" })),
    StoreError,
    "there are too many ids",
  );
  const first = source.change(changesOf({ a: "1" }));
  await assertRejects(
    () => source.change(changesOf({ a: "2" })),
    StoreError,
    "too many changes wait",
  );
  await settled();
  const closing = source[Symbol.asyncDispose]();
  await assertRejects(() => source.change(changesOf({ a: "3" })), StoreError, "closed");
  store.succeed();
  await first;
  await closing;
});

Deno.test("StoreSource.open() refuses a store with too many ids", async () => {
  const store = new MemoryModstampStore();
  await store.commit(changesOf({ a: "1", b: "2" }));
  await assertRejects(() => StoreSource.open(store, { maxIds: 1 }), RangeError, "maxIds is 1");
});

Deno.test("StoreSource ignores and counts ids of others beyond maxIds", async () => {
  const store = new SharedStore();
  await using source = await StoreSource.open(store, { maxIds: 1 });
  store.changeElsewhere("a", "1")();
  store.changeElsewhere("b", "1")();
  store.changeElsewhere("a", "2")();
  assertEquals([source.ignored, text(source.value("a")), text(source.value("b"))], [
    1,
    "2",
    "none",
  ]);
});
