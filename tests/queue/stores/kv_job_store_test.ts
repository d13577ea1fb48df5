import { assert, assertEquals } from "@std/assert";
import { bytesOf, textOf, textsOf } from "../conformance/world.ts";
import { type KvProgram, KvWorld } from "./kv_world.ts";

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
  const letter = await store.peekNext("other", "buried");
  assertEquals([letter?.reason, letter?.history.map(({ kind }) => kind)], ["broken", ["buried"]]);
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

for (const how of ["is closed", "crashes"] as const) {
  Deno.test(`KvJobStore tells delays on when it ${how} and the clock is set back`, async () => {
    const world = new KvWorld();
    const first = await world.open({ heartbeatMs: 1000 });
    await first.push("late", { delayMs: 60_000 });
    await first.store.pause("paused", 60_000);
    await first.push("paused", { tube: "paused" });
    await first.poller.advance(30_000);
    await (how === "crashes" ? first.crash() : first[Symbol.asyncDispose]());
    world.clock.wallShiftMs = -3_600_000;
    await using program = await world.open();
    await program.poller.advance(32_000);
    assertEquals(textsOf(await program.takeAll()), ["late"]);
    assertEquals(textsOf(await program.takeAll("paused")), ["paused"]);
  });
}

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
