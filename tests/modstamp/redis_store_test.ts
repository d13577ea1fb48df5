import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ModstampClient,
  ModstampServer,
  type ModstampStore,
  RedisModstampStore,
  StoreError,
} from "../../modstamp/mod.ts";
import { REDIS, RedisServer, testRedis } from "../redis/redis_server.ts";
import { changesOf, contentsOf, testStore } from "./store_conformance.ts";

const FAST = { minBackoffMs: 5, maxBackoffMs: 20, callTimeoutMs: 60_000, patienceMs: 60_000 };

/** A store with a Redis of its own, which goes with it. */
async function openAlone(): Promise<ModstampStore> {
  const server = await RedisServer.start();
  const store = await RedisModstampStore.open(server.url, FAST);
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

testStore("RedisModstampStore", openAlone, REDIS);

/** What a store told, as texts, and a way to wait for it. */
class Witness {
  readonly told: string[] = [];
  readonly versions: number[] = [];
  #wake = (): void => undefined;

  constructor(store: RedisModstampStore) {
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

testRedis("RedisModstampStore tells what others change, in the order of the versions", async () => {
  await using server = await RedisServer.start();
  await using one = await RedisModstampStore.open(server.url, FAST);
  await using two = await RedisModstampStore.open(server.url, FAST);
  await using apart = await RedisModstampStore.open(server.url, { ...FAST, prefix: "other" });
  const [seen, elsewhere] = [new Witness(two), new Witness(apart)];
  await two.load(() => undefined);
  await apart.load(() => undefined);
  const versions: number[] = [];
  for (const value of ["1", "2", "3"]) versions.push(await one.commit(changesOf({ a: value })));
  versions.push(await one.commit(changesOf({ a: "" })));
  await seen.until("a=");
  assertEquals(seen.told, ["a=1", "a=2", "a=3", "a="]);
  assertEquals(seen.versions, versions);
  assertEquals(versions, versions.toSorted((a, b) => a - b));
  assertEquals(elsewhere.told, []);
});

testRedis("RedisModstampStore catches up after it had lost Redis, deletions included", async () => {
  await using server = await RedisServer.start({
    args: ["--appendonly", "yes", "--appendfsync", "always"],
  });
  await using two = await RedisModstampStore.open(server.url, FAST);
  const seen = new Witness(two);
  const before = await RedisModstampStore.open(server.url, FAST);
  await before.commit(changesOf({ gone: "1", kept: "1", changed: "1" }));
  await before[Symbol.asyncDispose]();
  await two.load(() => undefined);

  await server.ask("CLIENT", "KILL", "TYPE", "pubsub");
  await using one = await RedisModstampStore.open(server.url, FAST);
  const many = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`id${i}`, "x"]));
  await one.commit(changesOf({ gone: "", changed: "2", ...many }));
  await one.commit(changesOf({ last: "1" }));
  await seen.until("last=1");
  await seen.until("id2499=x");
  assert(seen.told.includes("gone=") && seen.told.includes("changed=2"));
  assert(!seen.told.includes("kept=1"));

  await server.kill();
  await server.restart();
  await one.commit(changesOf({ later: "1" }));
  await seen.until("later=1");
  assertEquals((await contentsOf(two)).changed, "2");
});

testRedis("RedisModstampStore never lets an older change take the place of a newer", async () => {
  await using server = await RedisServer.start();
  const options = { ...FAST, callTimeoutMs: 1000, connectTimeoutMs: 1000 };
  await using store = await RedisModstampStore.open(server.url, options);
  await store.commit(changesOf({ a: "first" }));
  // This one is on its way while Redis hangs, and nobody waits for it any longer.
  server.pause();
  await assertRejects(() => store.commit(changesOf({ a: "old" })), StoreError, "not answered");
  server.resume();
  for (let stored = false; !stored;) {
    stored = await store.commit(changesOf({ a: "new" })).then(() => true, () => false);
  }
  await using witness = await RedisModstampStore.open(server.url, FAST);
  assertEquals(await contentsOf(witness), { a: "new" });
});

testRedis("RedisModstampStore says why a change could not be stored, and recovers", async () => {
  await using server = await RedisServer.start();
  await using store = await RedisModstampStore.open(server.url, { ...FAST, callTimeoutMs: 2000 });
  await store.commit(changesOf({ a: "1" }));
  await server.ask("CONFIG", "SET", "maxmemory", "1");
  await assertRejects(
    () => store.commit(changesOf({ a: "2" })),
    StoreError,
    `Cannot write values: Cannot use Redis at 127.0.0.1:${server.port} as its memory is full`,
  );
  await server.ask("CONFIG", "SET", "maxmemory", "0");
  await store.commit(changesOf({ a: "3" }));
  await server.kill();
  await assertRejects(
    () => store.commit(changesOf({ a: "4" })),
    StoreError,
    `Cannot write values: Cannot use Redis at 127.0.0.1:${server.port} as `,
  );
  await server.restart();
  for (let stored = false; !stored;) {
    stored = await store.commit(changesOf({ a: "5" })).then(() => true, () => false);
  }
  assertEquals(await contentsOf(store), { a: "5" });
});

testRedis("RedisModstampStore.open() says what is wrong, without the password", async () => {
  await using server = await RedisServer.start({ password: "right" });
  const error = await assertRejects(
    () => RedisModstampStore.open(server.url.replace("right", "wrong-one")),
    StoreError,
    "as the user or password is wrong",
  );
  assertEquals(Deno.inspect(error).includes("wrong-one"), false);
});

testRedis("ModstampServer signals subscribers of another server on the same Redis", async () => {
  const args = ["--appendonly", "yes", "--appendfsync", "always"];
  await using redis = await RedisServer.start({ args });
  const start = async (): Promise<[ModstampServer, ModstampClient, AsyncDisposable]> => {
    const store = await RedisModstampStore.open(redis.url, { ...FAST, callTimeoutMs: 300 });
    const onError = (): void => undefined;
    const options = { hostname: "127.0.0.1", port: 0, store, onError };
    const server = await ModstampServer.listen(options);
    const client = new ModstampClient({ hostname: "127.0.0.1", port: server.address.port });
    return [server, client, store];
  };
  const [one, listener, storeOfOne] = await start();
  const [two, sender, storeOfTwo] = await start();
  {
    await using stack = new AsyncDisposableStack();
    for (const each of [storeOfOne, storeOfTwo, one, two, listener, sender]) stack.use(each);
    const changes = listener.listen({ test: "none" });
    await sender.send({ test: "one" });
    for await (const { value } of changes) if (value === "one") break;

    // Without Redis both go on answering, and confirm nothing.
    await redis.kill();
    assertEquals(await listener.get(["test"]), new Map([["test", "one"]]));
    await assertRejects(() => sender.send({ test: "two" }, { timeoutMs: 500 }));
    assertEquals(await sender.get(["test"]), new Map([["test", "one"]]));

    await redis.restart();
    const later = listener.listen({ test: "one" });
    await sender.send({ test: "three" }, { timeoutMs: 60_000 });
    for await (const { value } of later) if (value === "three") break;
  }
});
