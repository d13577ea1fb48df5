import { assertEquals } from "@std/assert";
import { macrotask } from "../../loop/mod.ts";
import {
  defineJobs,
  JobQueue,
  type JobSource,
  JobWorker,
  MemoryJobStore,
  type ReservedJob,
  type ReserveOptions,
} from "../../queue/mod.ts";

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
