import { assertEquals, assertRejects } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import { defineJobs, JobWorker, MemoryJobStore, QueueFullError } from "../../../queue/mod.ts";
import { LocalExecutor } from "../../../queue/job_executor.ts";
import {
  beanstalkMetrics,
  lineMetrics,
  observeExecutor,
  observeJobs,
  queueMetrics,
  workerMetrics,
} from "../../../queue/telemetry/mod.ts";
import { Recorder } from "../../telemetry/recorder.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class ManualClock {
  ms = 1000;
  monotonicMs(): number {
    return this.ms;
  }
  wallMs(): number {
    return this.ms;
  }
}

function body(job: string): Uint8Array {
  return encoder.encode(JSON.stringify({ job }));
}

Deno.test("observeJobs() measures pushes, waits and runs, and carries the trace", async () => {
  const clock = new ManualClock();
  const telemetry = new Recorder();
  await using memory = new MemoryJobStore({ maxJobs: 2 });
  const store = observeJobs(memory, { telemetry, clock });
  await store.push({ body: body("a"), tube: "mail" });
  await store.pushMany([{ body: encoder.encode('O:1:"A":0:{}') }]);
  await assertRejects(() => store.push({ body: body("b") }), QueueFullError);
  const [job] = await store.reserve({ tubes: ["mail"] });
  assertEquals(decoder.decode(job.body), '{"traceparent":"trace-1","job":"a"}');
  clock.ms += 2500;
  assertEquals(await store.complete(job), true);
  assertEquals(await store.complete(job), false);
  const [php] = await store.reserve({ tubes: ["default"] });
  assertEquals(decoder.decode(php.body), 'O:1:"A":0:{}');
  await store.release(php);
  const [again] = await store.reserve({ tubes: ["default"] });
  await store.bury(again);
  assertEquals(telemetry.measures.map(([name, value, labels]) => [name, value > 2, labels]), [
    ["sluice_queue_push_seconds", false, { tube: "mail" }],
    ["sluice_queue_push_seconds", false, { tube: "default" }],
    ["sluice_queue_wait_seconds", false, { tube: "mail" }],
    ["sluice_queue_run_seconds", true, { tube: "mail", outcome: "completed" }],
    ["sluice_queue_wait_seconds", false, { tube: "default" }],
    ["sluice_queue_run_seconds", false, { tube: "default", outcome: "released" }],
    ["sluice_queue_run_seconds", false, { tube: "default", outcome: "buried" }],
  ]);
  assertEquals(telemetry.spans.map(({ events }) => events.at(1)), [
    "end",
    "end",
    "fail Cannot push job as the queue is full: the limit is 2 jobs",
  ]);
});

Deno.test("queueMetrics() tells states by queue, and makes one of too many queues", async () => {
  const telemetry = new Recorder();
  await using store = new MemoryJobStore();
  telemetry.watch(queueMetrics(store));
  for (let i = 0; i < 150; i++) await store.push({ body: body("a"), tube: `q${i}` });
  const values = telemetry.values();
  assertEquals(values["sluice_queue_jobs q7 ready"], 1);
  assertEquals(values["sluice_queue_jobs other ready"], 50);
  assertEquals(values.sluice_queue_jobs_pushed_total, 150);
  assertEquals(
    Object.keys(values).filter((key) => key.startsWith("sluice_queue_jobs q")).length,
    400,
  );
});

Deno.test("observeExecutor() makes a run a part of the trace that the job was pushed in", async () => {
  const telemetry = new Recorder();
  const jobs = defineJobs({
    good: () => "done",
    bad: { run: () => Promise.reject(new RangeError("No")), maxAttempts: 1 },
  });
  await using loop = new EventLoop();
  await using memory = new MemoryJobStore({ loop });
  const source = observeJobs(memory, { telemetry });
  const executor = observeExecutor(new LocalExecutor(jobs), telemetry);
  await using worker = new JobWorker(jobs, { source, loop, executor });
  telemetry.watch(workerMetrics(worker));
  await source.push({ body: body("good") });
  await source.push({ body: body("bad") });
  await memory.whenEmpty("default");
  const runs = telemetry.spans.filter(({ name }) => name === "queue run");
  assertEquals(runs.map(({ options, events }) => [options.parent, events]), [
    ["trace-1", ["run", "end"]],
    ["trace-2", ["run", "fail No", "end"]],
  ]);
  assertEquals(telemetry.values().sluice_worker_jobs_succeeded_total, 1);
});

Deno.test("lineMetrics() tells what a line server has counted", () => {
  const telemetry = new Recorder();
  const stats = {
    connections: 1,
    refused: 2,
    jobs: 3,
    badLines: 4,
    timedOut: 0,
    handedBack: 0,
    fullWaits: 5,
    failures: 6,
  };
  telemetry.watch(lineMetrics({ stats: () => stats }));
  assertEquals(telemetry.values().sluice_queue_line_bad_total, 4);
});

Deno.test("beanstalkMetrics() tells what a beanstalk server has counted", () => {
  const telemetry = new Recorder();
  telemetry.watch(
    beanstalkMetrics({ stats: () => ({ connections: 1, refused: 2, overLimit: 3 }) }),
  );
  const values = telemetry.values();
  assertEquals(values.sluice_queue_beanstalk_connections, 1);
  assertEquals(values.sluice_queue_beanstalk_refused_total, 2);
  assertEquals(values.sluice_queue_beanstalk_over_limit_total, 3);
});
