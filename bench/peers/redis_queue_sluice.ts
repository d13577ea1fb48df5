/**
 * Adds and processes jobs with `JobQueue` on a Redis: `redis_queue_sluice.ts PORT JOBS`. Prints JSON.
 *
 * @module
 */
import { defineJobs, JobQueue, RedisJobStore } from "../../queue/mod.ts";

const [port, count] = Deno.args.map(Number);
const BATCH = 1000;

let done = 0;
const finished = Promise.withResolvers<void>();
const jobs = defineJobs({
  bench(_data: { number: number; text: string }) {
    if (++done === count) finished.resolve();
  },
});
await using store = await RedisJobStore.open(`redis://127.0.0.1:${port}`);
await using queue = new JobQueue(jobs, { store });

let start = performance.now();
for (let at = 0; at < count; at += BATCH) {
  const data = Array.from({ length: BATCH }, (_, i) => ({ number: at + i, text: "x".repeat(64) }));
  await queue.pushMany("bench", data);
}
const addPerSecond = count / (performance.now() - start) * 1000;

start = performance.now();
const worker = queue.work({ concurrency: 100 });
await finished.promise;
const processPerSecond = count / (performance.now() - start) * 1000;
await worker.stop();
console.log(JSON.stringify({ addPerSecond, processPerSecond }));
