import { assert, assertEquals } from "@std/assert";
import { bytesOf, textOf, textsOf } from "../conformance/world.ts";
import { KvWorld } from "./kv_world.ts";

const ALL = { tubes: ["default"], max: 10_000, timeoutMs: 0 };

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
  // Only the numbers that are reserved and the time of the store have come.
  assertEquals(world.disk.size, before + 2);
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

Deno.test("KvJobStore.reserve() writes nothing of its own when it need not be durable", async () => {
  const world = new KvWorld();
  await using program = await world.open();
  await program.push("one");
  const before = world.disk.writes;
  const [job] = await program.store.reserve({ ...ALL, durable: false });
  await program.store.complete(job);
  assertEquals(world.disk.writes, before + 1);
});

Deno.test("KvJobStore.reserve() counts the attempt a moment later when it need not be durable", async () => {
  const world = new KvWorld();
  const first = await world.open();
  await first.push("one");
  await first.store.reserve({ ...ALL, durable: false });
  await first.poller.advance(20);
  await first.crash();
  await using second = await world.open();
  const [job] = await second.takeAll();
  assertEquals(job.attempts, 2);
});

Deno.test("KvJobStore reads nothing to merge small pushes that are in memory", async () => {
  const world = new KvWorld();
  let reads = 0;
  const failRead = (): boolean => reads++ < 0;
  await using program = await world.open({ inboxPollMs: 3_600_000 }, { failRead });
  reads = 0;
  for (let i = 0; i < 300; i++) await program.push(`job ${i}`);
  assertEquals(reads, 0);
  assert(world.disk.size < 300, `${world.disk.size} entries`);
});
