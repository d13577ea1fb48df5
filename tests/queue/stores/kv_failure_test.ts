import { assert, assertEquals, assertRejects } from "@std/assert";
import { KvJobInbox, KvJobStore, StoreError } from "../../../queue/mod.ts";
import { textsOf } from "../conformance/world.ts";
import { KvWorld } from "./kv_world.ts";

const ALL = { tubes: ["default"], max: 10_000, timeoutMs: 0 };

Deno.test("KvJobStore rejects what can't be written, keeps the rest, and recovers", async () => {
  const world = new KvWorld();
  await using program = await world.open();
  const { store } = program;
  await program.push("a");
  await program.push("b");
  const [a] = await store.reserve({ tubes: ["default"] });
  world.disk.full = true;
  const error = await assertRejects(() => program.push("c"), StoreError);
  assertEquals([error.code, error.message], [
    "failed",
    "Cannot change jobs as the database has failed",
  ]);
  assert(error.cause instanceof Error);
  await assertRejects(() => store.complete(a), StoreError);
  await assertRejects(() => store.release(a, { delayMs: 50 }), StoreError);
  await assertRejects(() => store.bury(a), StoreError);
  await assertRejects(() => store.reserve(ALL), StoreError);
  await assertRejects(
    () => store.kick("default", 1).then(() => store.pause("default", 1)),
    StoreError,
  );
  assertEquals([store.stats().ready, store.stats().reserved], [1, 1]);
  world.disk.full = false;
  await program.push("d");
  assertEquals(await store.complete(a), true);
  assertEquals(textsOf(await program.takeAll()), ["b", "d"]);
  assertEquals(store.stats().pendingBytes, 0);
});

Deno.test("KvJobStore ends a lease that it could not end at once", async () => {
  const world = new KvWorld();
  const program = await world.open();
  await program.push("a", { ttrMs: 1000 });
  await program.takeAll();
  world.disk.full = true;
  await program.poller.advance(3000);
  assert(program.errors.length > 0);
  assertEquals(program.store.stats().reserved, 1);
  world.disk.full = false;
  await program.poller.advance(1000);
  assertEquals(program.store.stats().ready, 1);
  await program[Symbol.asyncDispose]();
});

Deno.test("KvJobStore reads again what it could not read", async () => {
  const world = new KvWorld();
  {
    await using program = await world.open();
    await program.push("a".repeat(2000));
  }
  let isBroken = false;
  const program = await world.open({}, { failRead: () => isBroken });
  isBroken = true;
  const waiting = program.store.reserve({ tubes: ["default"] });
  await assertRejects(() => program.store.peekNext("default", "ready"), StoreError, "Cannot read");
  await program.poller.advance(1000);
  isBroken = false;
  await program.poller.advance(2000);
  assertEquals(textsOf(await waiting), ["a".repeat(2000)]);
  assert(program.errors.every((error) => error instanceof StoreError));
  await program[Symbol.asyncDispose]();
});

Deno.test("KvJobStore leaves damaged jobs alone and goes on with the others", async () => {
  const world = new KvWorld();
  {
    await using program = await world.open();
    // A small one would be stored with what is known of its segment.
    await program.push("lost".repeat(1000), { tube: "a" });
    await program.push("kept", { tube: "b" });
  }
  const [first] = world.disk.range((key) => key[1] === "segment");
  world.disk.write([{ key: first.key, value: new Uint8Array([9, 9, 9]) }]);
  const program = await world.open();
  await program.poller.advance(10);
  assertEquals(await program.store.reserve({ ...ALL, tubes: ["b"] }).then(textsOf), ["kept"]);
  const waiting = program.store.reserve({ ...ALL, tubes: ["a"] });
  const error = await assertRejects(() => waiting, StoreError);
  assertEquals(error.message, "Cannot read jobs as segment 1 of tube a is missing or damaged");
  assertEquals(error.code, "corrupt");
  assertEquals(program.store.stats().ready, 0);
  assertEquals(await program.store.reserve({ ...ALL, tubes: ["a"] }), []);
  await program[Symbol.asyncDispose]();
});

Deno.test("KvJobStore.open() refuses a store whose index is damaged", async () => {
  const world = new KvWorld();
  {
    await using program = await world.open();
    await program.push("a");
  }
  const [entry] = world.disk.range((key) => key[1] === "ledger");
  world.disk.write([{ key: entry.key, value: new Uint8Array([1]) }]);
  const program = world.program();
  const error = await assertRejects(() => program.open(), StoreError);
  assertEquals(error.code, "corrupt");
  assertEquals(error.message, "Cannot open job store as what is known of segment 1 is damaged");
  await assertRejects(() => program.open(), StoreError);
});

Deno.test("KvJobStore sweeps the parts of large bodies that a crash has left", async () => {
  const world = new KvWorld();
  const first = await world.open();
  const body = new Uint8Array(2_000_000).fill(7);
  const kept = (await first.store.push({ body })).id;
  const size = world.disk.size;
  const writes = world.disk.writes;
  first.store.push({ body }).catch(() => {});
  while (world.disk.writes < writes + 4) await Promise.resolve();
  await first.crash();
  assert(world.disk.size > size + 10);
  const second = await world.open();
  await second.poller.advance(100);
  assert(world.disk.size <= size + 2, `${world.disk.size} after ${size}`);
  assertEquals((await second.store.peek(kept))?.body, body);
  await second.store.delete(kept);
  await second.poller.advance(100);
  assertEquals(world.disk.range((key) => key[1] === "chunk"), []);
  await second[Symbol.asyncDispose]();
});

Deno.test("KvJobStore.open() and KvJobInbox.open() tell which file can't be opened", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "no database".repeat(100));
  for (const open of [KvJobStore.open, KvJobInbox.open]) {
    const error = await assertRejects(
      () => open({ path }),
      StoreError,
      `Cannot open job store ${path}: `,
    );
    assertEquals(error.code, "failed");
  }
  await Deno.remove(path);
});
