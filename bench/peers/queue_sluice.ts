/**
 * Pushes and runs jobs in one process, on a file: `queue_sluice.ts FILE PUSHES ALONE SLOTS`. Prints JSON:
 * pushes a second with 100 under way, the 99th percentile of pushes one by one in milliseconds, and
 * jobs a second of one worker with so many slots.
 *
 * @module
 */
import { defineJobs, JobQueue } from "../../queue/mod.ts";

const [path] = Deno.args;
const [pushes, alone, concurrency] = Deno.args.slice(1).map(Number);
const IN_FLIGHT = 100;

let done = 0;
const finished = Promise.withResolvers<void>();
const jobs = defineJobs({
  bench(_data: { number: number; text: string }) {
    if (++done === pushes + alone) finished.resolve();
  },
});
const text = "x".repeat(64);
await using queue = await JobQueue.open(jobs, { path });

let pushed = 0;
async function pushOn(): Promise<void> {
  while (pushed < pushes) await queue.push("bench", { number: pushed++, text });
}
let start = performance.now();
await Promise.all(Array.from({ length: IN_FLIGHT }, pushOn));
const pushPerSecond = pushes / (performance.now() - start) * 1000;

const times: number[] = [];
for (let number = 0; number < alone; number++) {
  const start = performance.now();
  await queue.push("bench", { number, text });
  times.push(performance.now() - start);
}
const aloneP99Ms = times.sort((a, b) => a - b)[Math.floor(0.99 * alone)];

start = performance.now();
const worker = queue.work({ concurrency });
await finished.promise;
await queue.drain();
const workPerSecond = done / (performance.now() - start) * 1000;
await worker.stop();
console.log(JSON.stringify({ pushPerSecond, aloneP99Ms, workPerSecond }));
