import { assert, assertEquals, assertRejects } from "@std/assert";
import { KvModstampStore, type ModstampStore, StoreError } from "../../modstamp/mod.ts";
import { changesOf, contentsOf, testStore } from "./store_conformance.ts";

/** A folder for one test. */
class TemporaryFolder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "sluice-" });

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** A store in a folder that goes with it. */
async function openTemporary(): Promise<ModstampStore> {
  const folder = new TemporaryFolder();
  const store = await KvModstampStore.open(`${folder.path}/values.db`);
  let disposed = false;
  return {
    load: (onValue) => store.load(onValue),
    commit: (changes) => store.commit(changes),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      if (!disposed) folder[Symbol.dispose]();
      disposed = true;
    },
  };
}

testStore("KvModstampStore", openTemporary);

Deno.test("KvModstampStore.open() finds what was committed before", async () => {
  using folder = new TemporaryFolder();
  const path = `${folder.path}/values.db`;
  for (let round = 0; round < 3; round++) {
    await using store = await KvModstampStore.open(path);
    const expected = Object.fromEntries(
      Array.from({ length: round }, (_, i) => [`id${i}`, `${i}`]),
    );
    assertEquals(await contentsOf(store), expected);
    await store.commit(changesOf({ [`id${round}`]: `${round}` }));
  }
});

Deno.test("KvModstampStore.open() leaves other records of the file alone", async () => {
  using folder = new TemporaryFolder();
  const path = `${folder.path}/values.db`;
  const kv = await Deno.openKv(path);
  await kv.set(["other"], 1);
  await kv.set(["modstamp"], 2);
  kv.close();
  {
    await using store = await KvModstampStore.open(path);
    await store.commit(changesOf({ a: "1" }));
    assertEquals(await contentsOf(store), { a: "1" });
  }
  const again = await Deno.openKv(path);
  assertEquals((await again.get(["other"])).value, 1);
  assertEquals((await again.get(["modstamp"])).value, 2);
  again.close();
});

Deno.test("KvModstampStore.open() refuses a file that is in use, until it is closed", async () => {
  using folder = new TemporaryFolder();
  const path = `${folder.path}/values.db`;
  {
    await using _owner = await KvModstampStore.open(path);
    const error = await assertRejects(() => KvModstampStore.open(path), StoreError);
    assertEquals(error.message, `Cannot open ${path} as another process uses it`);
    assertEquals([error.store, error.name], [path, "StoreError"]);
  }
  await using _next = await KvModstampStore.open(path);
});

Deno.test("KvModstampStore.open() refuses a path that can't be used", async () => {
  using folder = new TemporaryFolder();
  const paths = [`${folder.path}/missing/values.db`, folder.path];
  for (const path of paths) {
    const error = await assertRejects(() => KvModstampStore.open(path), StoreError);
    assert(error.message.startsWith(`Cannot open ${path} as `), error.message);
    assert(!error.message.includes("\n"));
  }
});

Deno.test("KvModstampStore.open() refuses a file that is something else", async () => {
  using folder = new TemporaryFolder();
  const path = `${folder.path}/values.db`;
  await Deno.writeTextFile(path, "This is no database.\n".repeat(1000));
  const error = await assertRejects(() => KvModstampStore.open(path), StoreError);
  assert(error.message.startsWith(`Cannot open ${path} as `), error.message);
  await Deno.remove(path);
  await using _store = await KvModstampStore.open(path);
});

Deno.test("KvModstampStore fails with a StoreError once it is closed", async () => {
  const store = await KvModstampStore.open(":memory:");
  await store[Symbol.asyncDispose]();
  await assertRejects(
    () => store.commit(changesOf({ a: "1" })),
    StoreError,
    "Cannot write :memory:",
  );
  await assertRejects(() => contentsOf(store), StoreError, "Cannot read :memory:");
});
