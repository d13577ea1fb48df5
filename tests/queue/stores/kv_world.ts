import { EventLoop } from "../../../loop/mod.ts";
import {
  KvJobStore,
  type KvJobStoreOptions,
  type NewJob,
  type ReservedJob,
} from "../../../queue/mod.ts";
import { bytesOf } from "../conformance/world.ts";
import { FakeDisk, FakeKv, type KvFaults } from "../fake_kv.ts";
import { ManualClock, ManualPoller, settle } from "../manual_poller.ts";

/** A program that has a store open. */
export class KvProgram implements AsyncDisposable {
  readonly kv: FakeKv;
  readonly poller: ManualPoller;
  readonly loop: EventLoop;
  readonly errors: unknown[] = [];
  store!: KvJobStore;

  constructor(disk: FakeDisk, clock: ManualClock, faults?: Partial<KvFaults>) {
    this.kv = new FakeKv(disk, faults);
    this.poller = new ManualPoller(clock);
    this.loop = new EventLoop({
      poller: this.poller,
      onError: (error) => void this.errors.push(error),
    });
  }

  async open(options: KvJobStoreOptions = {}): Promise<this> {
    this.store = await KvJobStore.open({ kv: this.kv, loop: this.loop, ...options });
    return this;
  }

  /** Pushes a job with a text for its body. */
  async push(text: string, job: Omit<NewJob, "body"> = {}): Promise<number> {
    return (await this.store.push({ ...job, body: bytesOf(text) })).id;
  }

  /** Reserves all there is, without waiting. */
  async takeAll(tube = "default"): Promise<ReservedJob[]> {
    const all: ReservedJob[] = [];
    for (;;) {
      const jobs = await this.store.reserve({ tubes: [tube], max: 1000, timeoutMs: 0 });
      if (jobs.length === 0) return all;
      all.push(...jobs);
    }
  }

  /** Ends as `kill -9` would. */
  async crash(): Promise<void> {
    this.kv.kill();
    await this.loop.stop();
    await settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await this.loop[Symbol.asyncDispose]();
  }
}

/** A disk, and the programs that use it one after the other. */
export class KvWorld {
  readonly disk: FakeDisk = new FakeDisk();
  readonly clock: ManualClock = new ManualClock();

  /** Starts a program. */
  program(faults?: Partial<KvFaults>): KvProgram {
    return new KvProgram(this.disk, this.clock, faults);
  }

  /** Starts a program that opens the store, and waits for an earlier one to be given up. */
  async open(options?: KvJobStoreOptions, faults?: Partial<KvFaults>): Promise<KvProgram> {
    this.clock.nowMs += 20_000;
    const program = this.program(faults);
    const opening = program.open(options);
    let isOpen = false;
    const opened = (): void => void (isOpen = true);
    opening.then(opened, opened);
    // Whether the earlier one is still there is asked of the system, which takes its time.
    for (await settle(); !isOpen; await settle()) await program.poller.advance(250);
    return await opening;
  }
}
