import { assert, assertEquals, assertRejects } from "@std/assert";
import { KvJobStore, StoreBusyError, StoreError } from "../../../queue/mod.ts";
import { bytesOf, textOf } from "../conformance/world.ts";
import { settle } from "../manual_poller.ts";
import { KvWorld } from "./kv_world.ts";

const ALL = { tubes: ["default"], max: 10_000, timeoutMs: 0 };

Deno.test("KvJobStore.open() tells who owns the store, until that one leaves", async () => {
  const world = new KvWorld();
  const first = await world.open();
  const second = world.program();
  const error = await assertRejects(() => second.open(), StoreBusyError);
  assertEquals([error.pid, error.host], [Deno.pid, Deno.hostname()]);
  assertEquals(error.since.getTime(), first.loop.wallNow());
  assertEquals(
    error.message,
    `Cannot open job store as process ${Deno.pid} on ${Deno.hostname()} has owned it since ` +
      "2025-01-01T00:00:20.000Z",
  );
  let isOpen = false;
  const opening = second.open({ waitMs: 10_000 }).then(() => void (isOpen = true));
  await second.poller.advance(1000);
  assertEquals(isOpen, false);
  await first[Symbol.asyncDispose]();
  while (!isOpen) await second.poller.advance(250);
  await opening;
  await second.push("x");
  await second[Symbol.asyncDispose]();
});

Deno.test("KvJobStore.open() takes over from an owner that is silent, which can't go on", async () => {
  const world = new KvWorld();
  const first = await world.open();
  await first.push("a");
  const [held] = await first.takeAll();
  // The first program stands still: its loop does nothing for longer than it may.
  await using second = await world.open({ ownerTimeoutMs: 15_000 });
  assertEquals(textOf((await second.takeAll())[0]), "a");
  const error = await assertRejects(() => first.push("b"), StoreError);
  assertEquals(error.code, "lost");
  assert(error.message.startsWith("Cannot change jobs as the store belongs to process "));
  assertEquals(first.store.isOwner, false);
  await assertRejects(() => first.store.complete(held), StoreError);
  await assertRejects(() => first.store.reserve(ALL), StoreError);
  await settle();
  assertEquals(first.errors, [error]);
  await first.store[Symbol.asyncDispose]();
  await first.loop.stop();
  assertEquals(second.store.stats().reserved, 1);
});

Deno.test("KvJobStore shows that it lives, so that none takes over", async () => {
  const world = new KvWorld();
  const first = await world.open();
  for (let i = 0; i < 5; i++) {
    await first.poller.advance(10_000);
    await assertRejects(() => world.program().open(), StoreBusyError);
  }
  await first.push("x");
  await first[Symbol.asyncDispose]();
});

Deno.test("KvJobStore takes what was written for done, even when it was told otherwise", async () => {
  const world = new KvWorld();
  let failure: "no" | "written" | "unwritten" = "no";
  const program = await world.open({}, { failWrite: () => failure });
  failure = "written";
  await program.push("a");
  failure = "unwritten";
  await assertRejects(() => program.push("b"), StoreError);
  failure = "written";
  await program.poller.advance(5000);
  const [a] = await program.takeAll();
  assertEquals(textOf(a), "a");
  assertEquals(await program.store.complete(a), true);
  assertEquals(program.errors, []);
  await program[Symbol.asyncDispose]();
  await using next = await world.open();
  assertEquals(await next.takeAll(), []);
});

Deno.test("KvJobStore gives up when the database no longer answers", async () => {
  const world = new KvWorld();
  let isBroken = false;
  const program = await world.open({}, {
    failRead: () => isBroken,
    failWrite: () => isBroken ? "unwritten" : "no",
  });
  isBroken = true;
  const pushing = assertRejects(() => program.push("a"), StoreError);
  for (let i = 0; i < 50; i++) await program.poller.advance(250);
  assertEquals((await pushing).code, "lost");
  await program[Symbol.asyncDispose]();
});

Deno.test("KvJobStore.open() keeps stores of one file apart by their prefix", async () => {
  const path = await Deno.makeTempFile({ suffix: ".db" });
  {
    await using a = await KvJobStore.open({ path, prefix: ["a"] });
    await using b = await KvJobStore.open({ path, prefix: ["b"] });
    await a.push({ body: bytesOf("x") });
    assertEquals([a.stats().ready, b.stats().ready], [1, 0]);
  }
  for (const suffix of ["", "-shm", "-wal"]) await Deno.remove(path + suffix).catch(() => {});
});
