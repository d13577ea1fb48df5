/** Pushes, takes and completes jobs in memory: `queue_observed.ts bare|observed JOBS`. */
import { type JobStore, MemoryJobStore } from "../../queue/mod.ts";
import { observeJobs, queueMetrics } from "../../queue/telemetry/mod.ts";
import { PrometheusTelemetry } from "../../telemetry/mod.ts";

const [how, jobs] = Deno.args;
const BATCH = 100;
const body = new TextEncoder().encode('{"job":"hello","data":{"name":"Christoph"}}');

async function open(): Promise<JobStore> {
  const store = new MemoryJobStore();
  if (how !== "observed") return store;
  const telemetry = await PrometheusTelemetry.open();
  telemetry.watch(queueMetrics(store));
  return observeJobs(store, { telemetry });
}

const store = await open();
const round = async (): Promise<void> => {
  await Promise.all(Array.from({ length: BATCH }, () => store.push({ body })));
  const taken = await store.reserve({ tubes: ["default"], max: BATCH });
  await Promise.all(taken.map((job) => store.complete(job)));
};
for (let i = 0; i < 200; i++) await round();
const start = performance.now();
for (let done = 0; done < Number(jobs); done += BATCH) await round();
const perSecond = Math.round(Number(jobs) * 1000 / (performance.now() - start));
console.log(JSON.stringify({ perSecond }));
Deno.exit(0);
