import { assertEquals, assertRejects } from "@std/assert";
import { KvSessionStore, SessionStoreError } from "../../../../websocket/mod.ts";
import { testStore } from "./conformance.ts";

testStore("KvSessionStore", (clock) => KvSessionStore.open(":memory:", { clock }));

async function keysOf(kv: Deno.Kv): Promise<Deno.KvKey[]> {
  const keys: Deno.KvKey[] = [];
  for await (const { key } of kv.list({ prefix: [] })) keys.push(key);
  return keys;
}

Deno.test("KvSessionStore leaves no parts of what was replaced or deleted", async () => {
  const kv = await Deno.openKv(":memory:");
  await using store = new KvSessionStore(kv, { prefix: ["app", "s"] });
  const big = new Uint8Array(200_000);
  let version = await store.write("a", { bytes: big, version: null, ttlMs: 60_000 });
  assertEquals((await keysOf(kv)).length, 5);
  assertEquals(await store.write("a", { bytes: big, version: "another", ttlMs: 60_000 }), null);
  version = await store.write("a", { bytes: big, version, ttlMs: 60_000 });
  assertEquals((await keysOf(kv)).length, 5);
  await store.write("a", { bytes: Uint8Array.of(1), version, ttlMs: 60_000 });
  assertEquals(await keysOf(kv), [["app", "s", "a"]]);
  await store.delete("a");
  assertEquals(await keysOf(kv), []);
});

Deno.test("KvSessionStore keeps the session as it was when a write ends in the middle", async () => {
  const kv = await Deno.openKv(":memory:");
  await using store = new KvSessionStore(kv);
  const bytes = new Uint8Array(200_000).fill(1);
  const version = await store.write("a", { bytes, version: null, ttlMs: 60_000 });
  const dying = new Proxy(kv, {
    get: (target, name) =>
      name === "atomic" ? () => fail("The process ends") : Reflect.get(target, name).bind(target),
  });
  const other = new KvSessionStore(dying);
  await assertRejects(
    () => other.write("a", { bytes: new Uint8Array(300_000), version, ttlMs: 60_000 }),
    SessionStoreError,
    "The process ends",
  );
  assertEquals(await store.read("a"), { bytes, version: version! });
});

Deno.test("KvSessionStore.read() fails when parts are missing", async () => {
  const kv = await Deno.openKv(":memory:");
  await using store = new KvSessionStore(kv);
  await store.write("a", { bytes: new Uint8Array(200_000), version: null, ttlMs: 60_000 });
  const [, part] = await keysOf(kv);
  await kv.delete(part);
  await assertRejects(() => store.read("a"), SessionStoreError, "missing");
});

Deno.test("KvSessionStore.open() finds what was written before", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sluice-" });
  const path = `${folder}/sessions.db`;
  for (const round of [0, 1, 2]) {
    await using store = await KvSessionStore.open(path);
    const before = await store.read("a");
    assertEquals(before?.bytes.length, round === 0 ? undefined : round * 70_000);
    const bytes = new Uint8Array((round + 1) * 70_000);
    await store.write("a", { bytes, version: before?.version ?? null, ttlMs: 60_000 });
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("KvSessionStore fails with an error of its own", async () => {
  await assertRejects(() => KvSessionStore.open("/dev/null/no/file"), SessionStoreError);
  const store = await KvSessionStore.open(":memory:");
  await store[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await assertRejects(() => store.read("a"), SessionStoreError, "Cannot read session");
});

function fail(reason: string): never {
  throw new TypeError(reason);
}
