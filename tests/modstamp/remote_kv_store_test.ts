import { assertEquals, assertRejects } from "@std/assert";
import {
  type ModstampStore,
  RemoteKvModstampStore,
  StoreError,
  StoreSource,
} from "../../modstamp/mod.ts";
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
  await one.commit(changesOf({ a: "1" }));
  await seen.until("a=1");
  await one.commit(changesOf({ a: "2", old: "" }));
  await seen.until("a=2");
  await seen.until("old=");
  assertEquals(seen.told.toSorted(), ["a=1", "a=2", "old="]);
  assertEquals(seen.versions, seen.versions.toSorted((a, b) => a - b));
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

/** A database that tells the outcome of a transaction only when `gate` lets it. */
function lateKv(kv: Deno.Kv, gate: () => Promise<void>): Deno.Kv {
  const late = (atomic: Deno.AtomicOperation): Deno.AtomicOperation => {
    const commit = atomic.commit.bind(atomic);
    atomic.commit = async () => {
      const result = await commit();
      await gate();
      return result;
    };
    return atomic;
  };
  return new Proxy(kv, {
    get(target, name) {
      if (name === "atomic") return () => late(target.atomic());
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

Deno.test("RemoteKvModstampStore never lets its own older change replace a newer one", async () => {
  const kv = await Deno.openKv(":memory:");
  const released = Promise.withResolvers<void>();
  {
    await using store = await RemoteKvModstampStore.open(lateKv(kv, () => released.promise));
    await using others = await RemoteKvModstampStore.open(kv);
    await using source = await StoreSource.open(store);
    const told: string[] = [];
    const seen = Promise.withResolvers<void>();
    using _watch = source.watch((id, value) => {
      told.push(`${id}=${String.fromCharCode(...value)}`);
      if (told.at(-1) === "a=other") seen.resolve();
    });
    const own = source.change(changesOf({ a: "own", b: "own" }));
    while ((await kv.get(["modstamp", "value", "a"])).value === null);
    await others.commit(changesOf({ a: "other" }));
    await seen.promise;
    released.resolve();
    await own;
    assertEquals(source.value("a"), new TextEncoder().encode("other"));
    assertEquals(source.value("b"), new TextEncoder().encode("own"));
    assertEquals(told.filter((each) => each.startsWith("a=")).at(-1), "a=other");
  }
  kv.close();
});

Deno.test("RemoteKvModstampStore keeps what it has written itself when it reads what others did", async () => {
  const kv = await Deno.openKv(":memory:");
  {
    await using one = await RemoteKvModstampStore.open(kv);
    await using two = await RemoteKvModstampStore.open(kv);
    const sources = await Promise.all([one, two].map((store) => StoreSource.open(store)));
    const ids = Array.from({ length: 20 }, (_, i) => `id${i}`);
    for (let round = 1; round <= 10; round++) {
      await Promise.all(ids.flatMap((id, i) =>
        sources.map((source, who) => {
          const value = (round + i) % 4 === 0 ? "" : `${round}.${who}`;
          return source.change(changesOf({ [id]: value }));
        })
      ));
    }
    await sources[0]!.change(changesOf({ end: "1" }));
    await sources[1]!.change(changesOf({ end: "2" }));
    const texts = (source: StoreSource): string[] =>
      ids.map((id) => String.fromCharCode(...source.value(id) ?? []));
    const stored = await contentsOf(one);
    const expected = ids.map((id) => stored[id] ?? "");
    const isSame = (source: StoreSource): boolean => texts(source).join() === expected.join();
    let wake = (): void => undefined;
    for (const source of sources) source.watch(() => wake());
    while (!sources.every(isSame)) await new Promise<void>((resolve) => wake = resolve);
    for (const source of sources) await source[Symbol.asyncDispose]();
  }
  kv.close();
});
