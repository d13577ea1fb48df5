import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import {
  type JobEntries,
  JobQueue,
  type JobQueueOptions,
  type JobRegistry,
  MemoryJobStore,
} from "../../queue/mod.ts";

/** A queue in memory, in virtual time. */
export class WorkScene<Entries extends JobEntries> implements AsyncDisposable {
  readonly network = new SimulatedNetwork({ seed: 1 });
  readonly errors: unknown[] = [];
  readonly loop = new EventLoop({
    poller: this.network.host("10.0.0.1").poller(),
    onError: (error) => void this.errors.push(error),
  });
  readonly store = new MemoryJobStore({ loop: this.loop });
  readonly queue: JobQueue<Entries>;

  constructor(jobs: JobRegistry<Entries>, options: Partial<JobQueueOptions> = {}) {
    this.queue = new JobQueue(jobs, { store: this.store, loop: this.loop, ...options });
  }

  /** Lets so much time pass. */
  advance(ms: number): Promise<void> {
    return this.network.advance(ms);
  }

  /** Waits for a promise, while time passes. */
  async when<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settled = promise.finally(() => isSettled = true);
    settled.catch(() => undefined);
    while (!isSettled) await this.advance(10);
    return await settled;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.when(this.queue[Symbol.asyncDispose]());
    await this.when(this.store[Symbol.asyncDispose]());
    this.network.close();
  }
}
