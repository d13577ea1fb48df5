import { assert, assertEquals, assertThrows } from "@std/assert";
import { macrotask } from "../../loop/mod.ts";
import {
  defineJobs,
  type JobContext,
  JobQueue,
  type JobSource,
  JobWorker,
  MemoryJobStore,
  type ReservedJob,
  type ReserveOptions,
  type WorkedJob,
} from "../../queue/mod.ts";
import { WorkScene } from "./work_scene.ts";

/** A store that takes its time to reserve, and counts the calls that wait for it. */
class SlowSource implements JobSource {
  readonly reservesAtOnce = 2;
  readonly store = new MemoryJobStore();
  calls = 0;
  mostCalls = 0;
  readonly complete: JobSource["complete"] = (...args) => this.store.complete(...args);
  readonly release: JobSource["release"] = (...args) => this.store.release(...args);
  readonly bury: JobSource["bury"] = (...args) => this.store.bury(...args);
  readonly touch: JobSource["touch"] = (...args) => this.store.touch(...args);
  readonly progress: JobSource["progress"] = (...args) => this.store.progress(...args);

  async reserve(options: ReserveOptions): Promise<ReservedJob[]> {
    this.mostCalls = Math.max(this.mostCalls, ++this.calls);
    try {
      await macrotask();
      return await this.store.reserve(options);
    } finally {
      this.calls--;
    }
  }
}

/** Jobs that run until they are let go. */
function heldJobs() {
  const held: { data: number; ctx: JobContext; release: () => void }[] = [];
  const jobs = defineJobs({
    hold: (data: number, ctx) => new Promise<void>((release) => held.push({ data, ctx, release })),
  });
  return { held, jobs };
}

Deno.test("JobWorker asks for more while a source that works on two calls has plenty", async () => {
  const source = new SlowSource();
  await using store = source.store;
  let count = 0;
  const jobs = defineJobs({ count: () => void count++ });
  const queue = new JobQueue(jobs, { store });
  await queue.pushMany("count", Array.from({ length: 2000 }));
  await using worker = new JobWorker(jobs, { source, concurrency: 10 });
  await store.whenEmpty("default");
  assertEquals([count, source.mostCalls], [2000, 2]);
  await queue.push("count", undefined);
  await store.whenEmpty("default");
  await worker.stop();
  assertEquals([count, source.calls, store.stats().waiting], [2001, 0, 0]);
});

Deno.test("JobWorker waits with one call where there is little to do", async () => {
  const source = new SlowSource();
  await using store = source.store;
  const jobs = defineJobs({ nothing: () => undefined });
  const queue = new JobQueue(jobs, { store });
  await using _worker = new JobWorker(jobs, { source, concurrency: 10 });
  for (let i = 0; i < 20; i++) {
    await queue.push("nothing", undefined);
    await store.whenEmpty("default");
  }
  assertEquals(source.mostCalls, 1);
});

Deno.test("JobWorker runs as many jobs at a time as concurrency says, in their order", async () => {
  const { held, jobs } = heldJobs();
  await using scene = new WorkScene(jobs);
  await scene.queue.pushMany("hold", [0, 1, 2, 3]);
  const worker = scene.queue.work({ concurrency: 2 });
  await scene.advance(10);
  assertEquals(held.map(({ data }) => data), [0, 1]);
  assertEquals(worker.stats().running, 2);
  held[0].release();
  await scene.advance(10);
  assertEquals(held.map(({ data }) => data), [0, 1, 2]);
  held[1].release();
  held[2].release();
  await scene.advance(10);
  held[3].release();
  await scene.advance(10);
  assertEquals(worker.stats(), {
    running: 0,
    waiting: 0,
    succeeded: 4,
    failed: 0,
    timeouts: 0,
    abandoned: 0,
    released: 0,
  });
});

Deno.test("JobWorker tries a job that throws again, ever later, and buries it in the end", async () => {
  const runs: number[] = [];
  const jobs = defineJobs({
    fail: {
      maxAttempts: 3,
      backoff: { baseMs: 1000, jitter: 0 },
      run: (_data: undefined, ctx: JobContext): void => {
        runs.push(ctx.attempt);
        throw new TypeError("It is broken");
      },
    },
  });
  await using scene = new WorkScene(jobs);
  const delays: (number | null)[] = [];
  scene.queue.work().on("exception", ({ delayMs }) => delays.push(delayMs));
  const job = await scene.queue.push("fail");
  await scene.advance(900);
  assertEquals(runs, [1]);
  await scene.advance(200);
  assertEquals(runs, [1, 2]);
  await scene.advance(1800);
  assertEquals(runs, [1, 2]);
  await scene.advance(400);
  assertEquals([runs, delays], [[1, 2, 3], [1000, 2000, null]]);
  assertEquals(await job.state(), "buried");
  assertEquals((await scene.store.peek(job.id))?.reason, "TypeError: It is broken");
});

Deno.test("JobWorker aborts a job over its timeout, and abandons one that goes on", async () => {
  const { held, jobs } = heldJobs();
  await using scene = new WorkScene(jobs);
  const worker = scene.queue.work({ concurrency: 1 });
  const told: string[] = [];
  worker.on("timeout", ({ timeoutMs }) => told.push(`timeout ${timeoutMs}`));
  worker.on("abandoned", () => told.push("abandoned"));
  await scene.queue.push("hold", 1, { timeoutMs: 2000, maxAttempts: 1 });
  await scene.advance(1990);
  assert(!held[0].ctx.signal.aborted);
  await scene.advance(20);
  assert(held[0].ctx.signal.aborted);
  assertEquals(told, ["timeout 2000"]);
  await scene.advance(5000);
  assertEquals(told, ["timeout 2000", "abandoned"]);
  assertEquals([worker.stats().running, scene.queue.stats().buried], [0, 1]);
});

Deno.test("JobWorker renews the reservation of a job for as long as it runs", async () => {
  const { held, jobs } = heldJobs();
  await using scene = new WorkScene(jobs);
  scene.queue.work();
  await scene.queue.push("hold", 1, { timeoutMs: 0 });
  await scene.advance(3_600_000);
  assertEquals([held.length, scene.queue.stats().reserved], [1, 1]);
  held[0].release();
  await scene.advance(10);
  assertEquals(scene.store.stats().totals.completed, 1);
});

Deno.test("JobContext.touch() starts the time of a job anew", async () => {
  const { held, jobs } = heldJobs();
  await using scene = new WorkScene(jobs);
  const worker = scene.queue.work();
  await scene.queue.push("hold", 1, { timeoutMs: 2000 });
  for (let i = 0; i < 5; i++) {
    await scene.advance(1500);
    held[0].ctx.touch();
  }
  assertEquals(worker.stats().timeouts, 0);
  held[0].release();
  await scene.advance(10);
  assertEquals(worker.stats().succeeded, 1);
});

Deno.test("JobContext.release() and bury() take the place of the end of a job", async () => {
  const jobs = defineJobs({
    later: (_data: undefined, ctx) => ctx.release({ delayMs: 60_000, counted: false }),
    never: (_data: undefined, ctx) => ctx.bury("nobody wants it"),
  });
  await using scene = new WorkScene(jobs);
  scene.queue.work();
  const [later, never] = [await scene.queue.push("later"), await scene.queue.push("never")];
  await scene.advance(10);
  assertEquals([await later.state(), await never.state()], ["delayed", "buried"]);
  assertEquals((await scene.store.peek(never.id))?.reason, "nobody wants it");
  assertEquals((await scene.store.peek(later.id))?.attempts, 0);
});

Deno.test("JobWorker.stop() waits for running jobs, and gives the others back uncounted", async () => {
  const { held, jobs } = heldJobs();
  await using scene = new WorkScene(jobs);
  await scene.queue.pushMany("hold", [0, 1]);
  const worker = scene.queue.work({ concurrency: 2 });
  await scene.advance(10);
  const stopped = worker.stop({ graceMs: 1000 });
  held[0].release();
  await scene.advance(990);
  assert(!held[1].ctx.signal.aborted);
  await scene.when(stopped);
  assert(held[1].ctx.signal.aborted);
  const { ready, totals } = scene.queue.stats();
  assertEquals([ready, totals.completed, worker.stats().released], [1, 1, 1]);
  const [left] = await scene.when(scene.store.reserve({ tubes: ["default"] }));
  assertEquals(left.attempts, 1);
});

Deno.test("JobWorker.on() tells of init, start, success, idle and stop", async () => {
  const jobs = defineJobs({ double: (n: number) => 2 * n });
  await using scene = new WorkScene(jobs);
  const worker = scene.queue.work({ concurrency: 3 });
  const told: unknown[] = [];
  const nameOf = ({ name, attempt }: WorkedJob): string => `${name} ${attempt}`;
  worker.on("init", ({ concurrency }) => told.push(["init", concurrency]));
  worker.on("start", ({ job }) => told.push(["start", nameOf(job)]));
  worker.on("success", ({ job, result }) => told.push(["success", nameOf(job), result]));
  worker.on("idle", ({ completed }) => told.push(["idle", completed]));
  worker.on("stop", ({ released }) => told.push(["stop", released]));
  await scene.queue.push("double", 21);
  await scene.advance(10);
  await scene.when(worker.stop());
  await scene.advance(0);
  assertEquals(told, [
    ["init", 3],
    ["start", "double 1"],
    ["success", "double 1", 42],
    ["idle", 1],
    ["stop", 0],
  ]);
});

Deno.test("JobWorker buries what is no job, or none that it knows, and goes on", async () => {
  const jobs = defineJobs({ fine: () => "done" });
  await using scene = new WorkScene(jobs);
  scene.queue.work();
  const encoder = new TextEncoder();
  await scene.store.push({ body: encoder.encode("nonsense") });
  await scene.store.push({ body: encoder.encode('{"job":"other","maxAttempts":1}') });
  const fine = await scene.queue.push("fine");
  assertEquals(await scene.when(fine.result()), "done");
  await scene.advance(10);
  assertEquals(scene.queue.stats().buried, 2);
});

Deno.test("JobWorker.constructor() refuses a concurrency below 1", async () => {
  const { jobs } = heldJobs();
  await using scene = new WorkScene(jobs);
  assertThrows(
    () => new JobWorker(jobs, { source: scene.store, concurrency: 0, loop: scene.loop }),
    RangeError,
    "Cannot run 0 jobs at a time",
  );
});
