// Adds and processes jobs with BullMQ: redis_queue_bullmq.mjs FOLDER PORT JOBS SLOTS. Prints
// JSON.
import { createRequire } from "node:module";

const [folder, port, count, slots] = process.argv.slice(2);
const { Queue, Worker } = createRequire(`${folder}/package.json`)("bullmq");
const connection = { host: "127.0.0.1", port: Number(port) };
const BATCH = 1000;
const JOBS = Number(count);

const queue = new Queue("bench", { connection });
await queue.waitUntilReady();
let start = performance.now();
for (let at = 0; at < JOBS; at += BATCH) {
  const jobs = Array.from({ length: BATCH }, (_, i) => ({
    name: "bench",
    data: { number: at + i, text: "x".repeat(64) },
    opts: { removeOnComplete: true },
  }));
  await queue.addBulk(jobs);
}
const addPerSecond = JOBS / (performance.now() - start) * 1000;

let done = 0;
start = performance.now();
const finished = {};
const ended = new Promise((resolve) => finished.resolve = resolve);
const worker = new Worker("bench", () => {
  if (++done === JOBS) finished.resolve();
  return Promise.resolve();
}, { connection, concurrency: Number(slots) });
await ended;
const processPerSecond = JOBS / (performance.now() - start) * 1000;
console.log(JSON.stringify({ addPerSecond, processPerSecond }));
await worker.close(true);
await queue.close();
process.exit(0);
