import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  defineJobs,
  Job,
  JobDataError,
  JobFailedError,
  QueueDrainingError,
  UnknownJobError,
} from "../../queue/mod.ts";
import { WorkScene } from "./work_scene.ts";

const JOBS = defineJobs({
  double: (n: number) => 2 * n,
  fail: (): void => {
    throw new TypeError("It is broken");
  },
  steps: async (count: number, ctx) => {
    for (let i = 1; i <= count; i++) {
      ctx.progress({ done: i });
      await Promise.resolve();
    }
  },
});

Deno.test("JobQueue.push() stores a job under the name of the queue, and tells of it", async () => {
  await using scene = new WorkScene(JOBS, { name: "numbers" });
  const told: unknown[] = [];
  scene.queue.on("pushed", ({ name }) => told.push(["pushed", name]));
  scene.queue.on("duplicate", ({ name }) => told.push(["duplicate", name]));
  const first = await scene.queue.push("double", 1, { key: "one" });
  const second = await scene.queue.push("double", 1, { key: "one" });
  await scene.advance(0);
  assertEquals([second.id, second.duplicate], [first.id, true]);
  assertEquals(told, [["pushed", "double"], ["duplicate", "double"]]);
  assertEquals((await scene.store.peek(first.id))?.tube, "numbers");
});

Deno.test("JobQueue.push() refuses jobs that are not defined, and data that JSON can't hold", async () => {
  await using scene = new WorkScene(JOBS);
  class Unknown extends Job<number> {
    run(): void {}
  }
  await assertRejects(() => scene.queue.push(new Unknown(1)), UnknownJobError);
  await assertRejects(() => scene.queue.push("double", 1n as unknown as number), JobDataError);
  assertEquals(scene.queue.stats().totals.pushed, 0);
});

Deno.test("JobQueue.pop() hands jobs out to be ended by the caller, and buries what is none", async () => {
  await using scene = new WorkScene(JOBS);
  await scene.store.push({ body: new TextEncoder().encode("nonsense") });
  await scene.queue.push("double", 4);
  const job = await scene.queue.pop();
  assertEquals([job?.name, job?.data], ["double", 4]);
  await job!.complete("eight");
  assertEquals(await scene.queue.pop(), null);
  const { buried, totals } = scene.queue.stats();
  assertEquals([buried, totals.completed], [1, 1]);
});

Deno.test("JobQueue.drain() takes no more jobs, and waits for those that are there", async () => {
  await using scene = new WorkScene(JOBS);
  const job = await scene.queue.push("double", 1, { delayMs: 5000 });
  let isDrained = false;
  const drained = scene.queue.drain().then(() => isDrained = true);
  scene.queue.work();
  await assertRejects(() => scene.queue.push("double", 2), QueueDrainingError);
  await scene.advance(4000);
  assert(!isDrained);
  await scene.when(drained);
  assertEquals(await job.result(), 2);
  await scene.queue.resume();
  await scene.queue.push("double", 2);
});

Deno.test("JobQueue.pause() gives no jobs out for a while", async () => {
  await using scene = new WorkScene(JOBS);
  scene.queue.work();
  await scene.queue.pause(10_000);
  await scene.queue.push("double", 1);
  await scene.advance(9000);
  assertEquals(scene.store.stats().totals.completed, 0);
  await scene.advance(2000);
  assertEquals(scene.store.stats().totals.completed, 1);
});

Deno.test("JobQueue.push() runs a job at once when the queue is immediate", async () => {
  await using scene = new WorkScene(JOBS, { immediate: true });
  assertEquals(await (await scene.queue.push("double", 21)).result(), 42);
  await assertRejects(() => scene.queue.push("fail"), TypeError, "It is broken");
  assertEquals(scene.store.stats().totals.pushed, 0);
});

Deno.test("JobHandle.result() rejects when the job was buried, or deleted", async () => {
  await using scene = new WorkScene(JOBS);
  const broken = await scene.queue.push("fail", undefined, { maxAttempts: 1 });
  const unwanted = await scene.queue.push("double", 1, { delayMs: 1000 });
  scene.queue.work();
  const error = await assertRejects(() => scene.when(broken.result()), JobFailedError);
  assertEquals([error.state, error.reason], ["buried", "TypeError: It is broken"]);
  const result = unwanted.result();
  const refused = assertRejects(() => result, JobFailedError);
  assertEquals(await unwanted.delete(), true);
  await scene.when(refused);
  assertEquals(await unwanted.state(), null);
});

Deno.test("JobHandle.onProgress() tells how far a job is, until it is disposed of", async () => {
  await using scene = new WorkScene(JOBS);
  const told: unknown[] = [];
  const job = await scene.queue.push("steps", 3);
  const other = await scene.queue.push("steps", 1);
  using _watch = job.onProgress((value) => told.push(value));
  other.onProgress((value) => told.push(value))[Symbol.dispose]();
  scene.queue.work();
  await scene.when(job.result());
  await scene.when(other.result());
  assertEquals(told, [{ done: 1 }, { done: 2 }, { done: 3 }]);
});
