import { assert, assertEquals, assertRejects } from "@std/assert";
import { KvJobInbox, KvJobStore, StoreBusyError, StoreError } from "../../../queue/mod.ts";
import { bytesOf, textOf, textsOf } from "../conformance/world.ts";
import { settle } from "../manual_poller.ts";
import { type KvProgram, KvWorld } from "./kv_world.ts";

const ALL = { tubes: ["default"], max: 10_000, timeoutMs: 0 };

Deno.test("KvJobStore.open() finds the jobs of each state", async () => {
  const world = new KvWorld();
  {
    await using program = await world.open();
    const { store } = program;
    await program.push("urgent", { priority: 3, key: "k", concurrencyKey: "c", maxAttempts: 4 });
    await program.push("later", { delayMs: 100_000 });
    await program.push("dead", { tube: "other" });
    const [dead] = await store.reserve({ tubes: ["other"] });
    await store.bury(dead, { reason: "broken" });
    await program.push("plain", { ttrMs: 5, keepResultMs: 7 });
  }
  await using program = await world.open();
  const { store } = program;
  const { ready, urgent, delayed, buried } = store.stats();
  assertEquals([ready, urgent, delayed, buried], [2, 1, 1, 1]);
  assertEquals((await store.peekNext("other", "buried"))?.reason, "broken");
  assertEquals((await store.push({ body: bytesOf("x"), key: "k" })).duplicate, true);
  const jobs = await program.takeAll();
  assertEquals(textsOf(jobs), ["urgent", "plain"]);
  assertEquals([jobs[0].priority, jobs[0].concurrencyKey, jobs[0].maxAttempts], [3, "c", 4]);
  assertEquals([jobs[1].ttrMs, jobs[1].attempts], [5, 1]);
  for (const job of jobs) await store.complete(job);
  await program.poller.advance(80_000);
  assertEquals(textOf((await store.reserve({ tubes: ["default"] }))[0]), "later");
});

Deno.test("KvJobStore.open() never gives an id again, be it after a crash or not", async () => {
  const world = new KvWorld();
  let last = 0;
  for (let round = 0; round < 6; round++) {
    const program = await world.open();
    for (let i = 0; i < 3; i++) {
      const id = await program.push("x");
      assert(id > last, `${id} after ${last}`);
      last = id;
    }
    for (const job of await program.takeAll()) await program.store.complete(job);
    if (round % 2 === 0) await program.crash();
    else await program[Symbol.asyncDispose]();
  }
});

Deno.test("KvJobStore.open() gives ids without a gap when it was closed in order", async () => {
  const world = new KvWorld();
  for (let round = 0; round < 3; round++) {
    await using program = await world.open();
    assertEquals(await program.push("x"), round + 1);
  }
});

Deno.test("KvJobStore.open() gives back what a crash left reserved, as an attempt", async () => {
  const world = new KvWorld();
  const first = await world.open();
  for (let i = 0; i < 10; i++) await first.push(String(i));
  const jobs = await first.store.reserve({ tubes: ["default"], max: 6 });
  await first.store.complete(jobs[0]);
  await first.store.release(jobs[1]);
  await first.crash();
  await using second = await world.open();
  const { ready, reserved, totals } = second.store.stats();
  assertEquals([ready, reserved, totals.timeouts], [9, 0, 4]);
  const attempts: number[] = [];
  for (let i = 1; i < 10; i++) {
    const [job] = await second.store.reserve({ tubes: ["default"] });
    attempts[Number(textOf(job))] = job.attempts;
    await second.store.complete(job);
  }
  assertEquals(attempts.slice(1), [2, 2, 2, 2, 2, 1, 1, 1, 1]);
});

/** Works jobs off, ten at a time, until one of them ends the program, or none is left. */
async function workUntilPoison(program: KvProgram, done: Set<string>): Promise<boolean> {
  const { store, poller } = program;
  for (let idle = 0; idle < 20;) {
    const jobs = await store.reserve({ tubes: ["default"], max: 10, timeoutMs: 0 });
    if (jobs.some((job) => textOf(job) === "poison")) return false;
    idle = jobs.length === 0 ? idle + 1 : 0;
    if (jobs.length === 0) await poller.advance(1000);
    for (const job of jobs) {
      assert(await store.complete(job));
      done.add(textOf(job));
    }
  }
  return true;
}

Deno.test("KvJobStore buries a job that crashes its process, and none of its neighbours", async () => {
  const world = new KvWorld();
  const first = await world.open();
  for (let i = 0; i < 30; i++) {
    await first.push(i === 7 ? "poison" : `good ${i}`, { maxAttempts: 3 });
  }
  await first[Symbol.asyncDispose]();
  let crashes = 0;
  const done = new Set<string>();
  for (let isWell = false; !isWell;) {
    const program = await world.open();
    isWell = await workUntilPoison(program, done);
    if (isWell) {
      assertEquals(textOf(await program.store.peekNext("default", "buried")), "poison");
      await program[Symbol.asyncDispose]();
    } else {
      crashes++;
      await program.crash();
    }
  }
  assertEquals(crashes, 3);
  assertEquals(done.size, 29);
});

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

Deno.test("KvJobStore stores many small pushes in few entries", async () => {
  const world = new KvWorld();
  {
    await using program = await world.open();
    for (let i = 0; i < 3000; i++) await program.push(`job ${i}`);
    await program.poller.advance(100);
    assert(world.disk.size < 300, `${world.disk.size} entries`);
  }
  await using program = await world.open();
  const texts = textsOf(await program.takeAll());
  assertEquals(texts, Array.from({ length: 3000 }, (_, i) => `job ${i}`));
});

Deno.test("KvJobStore stores many small pushes of delayed jobs in few entries", async () => {
  const world = new KvWorld();
  await using program = await world.open({ inboxPollMs: 3_600_000 });
  for (let i = 0; i < 3000; i++) await program.push(`${i}`, { delayMs: 3_600_000 + i });
  await program.poller.advance(100);
  assert(world.disk.size < 1200, `${world.disk.size} entries`);
  await program.poller.advance(3_610_000);
  assertEquals((await program.takeAll()).length, 3000);
});

Deno.test("KvJobStore leaves nothing behind when all jobs are done", async () => {
  const world = new KvWorld();
  await using program = await world.open();
  const before = world.disk.size;
  for (let i = 0; i < 500; i++) {
    await program.push(String(i), { key: `k${i}`, delayMs: i % 3 === 0 ? 500 : 0 });
  }
  await program.store.push({ body: new Uint8Array(1_000_000) });
  await program.poller.advance(2000);
  for (let left = 501; left > 0;) {
    const jobs = await program.store.reserve({ ...ALL, max: 7 });
    if (jobs.length === 0) await program.poller.advance(100);
    for (const [i, job] of jobs.entries()) {
      if (i % 3 === 0) await program.store.complete(job);
      else {
        await program.store.bury(job);
        await program.store.delete(job.id);
      }
    }
    left -= jobs.length;
  }
  await program.poller.advance(2000);
  // Only the numbers that are reserved have come.
  assertEquals(world.disk.size, before + 1);
});

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

Deno.test("KvJobStore goes on when a renewal was written although it has failed", async () => {
  const world = new KvWorld();
  let failure: "no" | "written" = "no";
  const program = await world.open({}, { failWrite: () => failure });
  failure = "written";
  await program.poller.advance(5000);
  failure = "no";
  assertEquals(program.errors.length, 1);
  await program.push("x");
  assertEquals(textsOf(await program.takeAll()), ["x"]);
  await program[Symbol.asyncDispose]();
});

Deno.test("KvJobStore reads again what it could not read", async () => {
  const world = new KvWorld();
  {
    await using program = await world.open();
    await program.push("a");
  }
  let isBroken = false;
  const program = await world.open({}, { failRead: () => isBroken });
  isBroken = true;
  const waiting = program.store.reserve({ tubes: ["default"] });
  await assertRejects(() => program.store.peekNext("default", "ready"), StoreError, "Cannot read");
  await program.poller.advance(1000);
  isBroken = false;
  await program.poller.advance(2000);
  assertEquals(textsOf(await waiting), ["a"]);
  assert(program.errors.every((error) => error instanceof StoreError));
  await program[Symbol.asyncDispose]();
});

Deno.test("KvJobStore leaves damaged jobs alone and goes on with the others", async () => {
  const world = new KvWorld();
  {
    await using program = await world.open();
    await program.push("lost", { tube: "a" });
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

Deno.test("KvJobStore keeps results and pauses over a restart", async () => {
  const world = new KvWorld();
  const ids: number[] = [];
  {
    await using program = await world.open();
    for (const text of ["a", "b"]) ids.push(await program.push(text, { keepResultMs: 60_000 }));
    const [a, b] = await program.takeAll();
    await program.store.complete(a, { result: bytesOf("42") });
    await program.store.bury(b, { reason: "broken" });
    await program.store.pause("default", 50_000);
    await program.store.pause("gone", 1000);
  }
  await using program = await world.open();
  const { store } = program;
  assertEquals(await store.outcome(ids[0]), { state: "completed", result: bytesOf("42") });
  assertEquals(await store.outcome(ids[1]), { state: "buried", reason: "broken" });
  assertEquals(store.tubeStats("default")?.pauseLeftMs, 30_000);
  assertEquals(store.tubeStats("gone"), null);
  await program.push("late");
  assertEquals(await program.takeAll(), []);
  await program.poller.advance(30_000);
  assertEquals(textsOf(await program.takeAll()), ["late"]);
  await program.poller.advance(20_000);
  assertEquals(await store.outcome(ids[0]), null);
});

Deno.test("KvJobStore takes a tick once, even after a restart", async () => {
  const world = new KvWorld();
  const job = { body: bytesOf("tick") };
  {
    await using program = await world.open();
    assertEquals(await program.store.pushTick("hourly", 1000, job), true);
  }
  await using program = await world.open();
  assertEquals(await program.store.pushTick("hourly", 1000, job), false);
  assertEquals(await program.store.pushTick("hourly", 2000, job), true);
});

Deno.test("KvJobStore splits delayed jobs when memory is short, and loses none", async () => {
  const world = new KvWorld();
  await using program = await world.open({ maxLoadedBytes: 10_000 });
  const jobs = Array.from({ length: 4000 }, (_, i) => ({
    body: bytesOf(String(i)),
    delayMs: 100_000 + (i * 104_729) % 400_000,
  }));
  await program.store.pushMany(jobs);
  const seen = new Map<number, number>();
  for (let ms = 0; ms < 510_000; ms += 5000) {
    await program.poller.advance(5000);
    for (const job of await program.takeAll()) {
      seen.set(Number(textOf(job)), ms + 5000);
      await program.store.complete(job);
    }
  }
  assertEquals(seen.size, 4000);
  for (const [i, ms] of seen) {
    const { delayMs } = jobs[i];
    assert(ms >= delayMs && ms <= delayMs + 10_000, `job ${i} of ${delayMs} ms came at ${ms}`);
  }
});

Deno.test("KvJobInbox.post() leaves jobs for the owner, be it there or not", async () => {
  const world = new KvWorld();
  const producer = world.program();
  await using inbox = await KvJobInbox.open({ kv: producer.kv, loop: producer.loop });
  await inbox.post([
    { body: bytesOf("a"), tube: "t", priority: 9, maxAttempts: 2, key: "k" },
    { body: bytesOf("b"), tube: "t", delayMs: 50_000 },
    { body: bytesOf("gone"), tube: "t", ttlMs: 1000 },
  ]);
  await Promise.all(
    Array.from({ length: 100 }, (_, i) => inbox.post([{ body: bytesOf(String(i)) }])),
  );
  await using owner = await world.open();
  await owner.poller.advance(100);
  const { store } = owner;
  assertEquals(textsOf(await owner.takeAll()), Array.from({ length: 100 }, (_, i) => String(i)));
  const jobs = await store.reserve({ ...ALL, tubes: ["t"] });
  assertEquals(textsOf(jobs), ["a"]);
  assertEquals([jobs[0].priority, jobs[0].maxAttempts, jobs[0].key], [9, 2, "k"]);
  assertEquals((await store.peekNext("t", "delayed"))?.timeLeftMs, 50_000 - world.clock.nowMs);
  assertEquals(store.stats().totals.expired, 1);
  await inbox.post([{ body: new Uint8Array(400_000).fill(3), tube: "large" }]);
  await owner.poller.advance(400);
  const [large] = await store.reserve({ ...ALL, tubes: ["large"] });
  assertEquals(large.body, new Uint8Array(400_000).fill(3));
  assertEquals(world.disk.range((key) => key[1] === "inbox"), []);
});

Deno.test("KvJobInbox.post() keeps jobs until there is room for them", async () => {
  const world = new KvWorld();
  const producer = world.program();
  await using inbox = await KvJobInbox.open({ kv: producer.kv, loop: producer.loop });
  await using owner = await world.open({ maxJobs: 2 });
  for (const text of ["a", "b", "c"]) await inbox.post([{ body: bytesOf(text) }]);
  await owner.poller.advance(1000);
  assertEquals(owner.store.stats().ready, 2);
  const texts: string[] = [];
  for (let i = 0; i < 3; i++) {
    const [job] = await owner.store.reserve({ tubes: ["default"] });
    texts.push(textOf(job));
    await owner.store.complete(job);
    await owner.poller.advance(1000);
  }
  assertEquals(texts, ["a", "b", "c"]);
});

Deno.test("KvJobInbox.post() tries again, and rejects in the end", async () => {
  const world = new KvWorld();
  const failures: ("unwritten" | "written")[] = ["unwritten", "written"];
  const producer = world.program({ failWrite: () => failures.shift() ?? "no" });
  const inbox = await KvJobInbox.open({ kv: producer.kv, loop: producer.loop });
  await inbox.post([{ body: bytesOf("once") }]);
  world.disk.full = true;
  const error = await assertRejects(() => inbox.post([{ body: bytesOf("never") }]), StoreError);
  assertEquals(error.code, "failed");
  world.disk.full = false;
  await assertRejects(() => inbox.post([{ body: bytesOf("x"), priority: -1 }]), RangeError);
  await inbox[Symbol.asyncDispose]();
  await assertRejects(() => inbox.post([]), StoreError, "Cannot post jobs as the inbox is closed");
  await using owner = await world.open();
  await owner.poller.advance(1000);
  assertEquals(textsOf(await owner.takeAll()), ["once"]);
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
