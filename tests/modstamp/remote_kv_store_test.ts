import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ModstampStore, RemoteKvModstampStore, StoreError } from "../../modstamp/mod.ts";
import { KvConnectServer } from "../kv_connect/kv_connect_server.ts";
import { changesOf, contentsOf, testStore } from "./store_conformance.ts";

Deno.env.set("DENO_KV_ACCESS_TOKEN", "token");

/** A store with a database of its own, which goes with it. */
async function openAlone(): Promise<ModstampStore> {
  const server = await KvConnectServer.start();
  const store = await RemoteKvModstampStore.open(server.url, { timeoutMs: 60_000 });
  let isOver = false;
  return {
    load: (onValue) => store.load(onValue),
    commit: (changes) => store.commit(changes),
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      if (!isOver) await server[Symbol.asyncDispose]();
      isOver = true;
    },
  };
}

testStore("RemoteKvModstampStore", openAlone);

/** What a store told, as texts, and a way to wait for it. */
class Witness {
  readonly told: string[] = [];
  readonly versions: number[] = [];
  #wake = (): void => undefined;

  constructor(store: RemoteKvModstampStore) {
    store.subscribe((changes, version) => {
      for (const [id, value] of changes) this.told.push(`${id}=${String.fromCharCode(...value)}`);
      this.versions.push(version);
      this.#wake();
    });
  }

  async until(text: string): Promise<void> {
    while (!this.told.includes(text)) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

Deno.test("RemoteKvModstampStore tells what other servers change", async () => {
  await using server = await KvConnectServer.start();
  await using one = await RemoteKvModstampStore.open(server.url);
  await using two = await RemoteKvModstampStore.open(server.url);
  const seen = new Witness(two);
  await one.commit(changesOf({ old: "1" }));
  await two.load(() => undefined);
  const first = await one.commit(changesOf({ a: "1" }));
  await seen.until("a=1");
  const second = await one.commit(changesOf({ a: "2", old: "" }));
  await seen.until("a=2");
  await seen.until("old=");
  assertEquals(seen.told.toSorted(), ["a=1", "a=2", "old="]);
  assert(first < second);
  assertEquals(Math.max(...seen.versions), second);
});

Deno.test("RemoteKvModstampStore refuses what it can't store, for good, and recovers", async () => {
  await using server = await KvConnectServer.start();
  await using store = await RemoteKvModstampStore.open(server.url, {
    timeoutMs: 300,
    onError: () => undefined,
  });
  await store.commit(changesOf({ a: "first" }));
  await server.stop();
  const error = await assertRejects(() => store.commit(changesOf({ a: "old" })), StoreError);
  assertEquals(error.message, `Cannot write ${server.url} as it has not answered for 300 ms`);
  server.resume();
  for (let stored = false; !stored;) {
    stored = await store.commit(changesOf({ a: "new" })).then(() => true, () => false);
  }
  await using witness = await RemoteKvModstampStore.open(server.url);
  assertEquals(await contentsOf(witness), { a: "new" });
});

Deno.test("RemoteKvModstampStore hears of changes again after its database was away", async () => {
  await using server = await KvConnectServer.start();
  await using one = await RemoteKvModstampStore.open(server.url, { timeoutMs: 60_000 });
  await using two = await RemoteKvModstampStore.open(server.url, { onError: () => undefined });
  const seen = new Witness(two);
  await two.load(() => undefined);
  await one.commit(changesOf({ a: "1" }));
  await seen.until("a=1");
  await server.stop();
  server.resume();
  await one.commit(changesOf({ a: "2" }));
  await seen.until("a=2");
});

Deno.test("RemoteKvModstampStore leaves a database open that it was given", async () => {
  const kv = await Deno.openKv(":memory:");
  const store = await RemoteKvModstampStore.open(kv);
  const other = await RemoteKvModstampStore.open(kv);
  const seen = new Witness(other);
  await other.load(() => undefined);
  await store.commit(changesOf({ a: "1" }));
  await seen.until("a=1");
  await store[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
  assertEquals((await kv.get(["modstamp", "value", "a"])).value, Uint8Array.of(0x31));
  kv.close();
});
