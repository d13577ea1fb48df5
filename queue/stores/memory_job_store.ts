import { EventLoop } from "../../loop/mod.ts";
import type {
  BuryOptions,
  CompleteOptions,
  JobObserver,
  JobStore,
  ListOptions,
  PushReceipt,
  ReleaseOptions,
  ReserveOptions,
  SinkOptions,
  WaitOptions,
} from "../job_store.ts";
import { QueueFullError } from "../queue_full_error.ts";
import { reportTo } from "../report_to.ts";
import { StoreError } from "../store_error.ts";
import type { StoreStats, TubeStats } from "../store_stats.ts";
import {
  DEFAULT_TUBE,
  type JobOutcome,
  type JobState,
  type NewJob,
  type ReservedJob,
  type StoredJob,
} from "../stored_job.ts";
import { ConditionWaiters } from "./condition_waiters.ts";
import { JobRecord } from "./job_record.ts";
import { MemoryShelf } from "./memory_shelf.ts";
import { checkNewJob, fillRecord } from "./new_record.ts";
import { OutcomeBoard } from "./outcome_board.ts";
import { ReserveDesk } from "./reserve_desk.ts";
import { StoreClock } from "./store_clock.ts";

/** Options of {@linkcode MemoryJobStore}. */
export interface MemoryJobStoreOptions {
  /**
   * The loop whose clock the store lives by.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * Most jobs in all states together.
   *
   * @default {1_000_000}
   */
  maxJobs?: number;
  /**
   * Largest body of a job in bytes.
   *
   * @default {16_777_216}
   */
  maxJobBytes?: number;
}

/**
 * Keeps jobs in memory: for tests, and for jobs that may be lost with their process.
 *
 * @example Push, reserve, complete
 * ```ts
 * import { MemoryJobStore } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryJobStore();
 * await store.push({ body: new TextEncoder().encode("hello") });
 * const [job] = await store.reserve({ tubes: ["default"] });
 * assertEquals(new TextDecoder().decode(job.body), "hello");
 * assertEquals(await store.complete(job), true);
 * ```
 */
export class MemoryJobStore implements JobStore {
  readonly #loop: EventLoop;
  readonly #clock: StoreClock;
  readonly #maxJobs: number;
  readonly #maxJobBytes: number;
  readonly #board = new OutcomeBoard();
  readonly #conditions = new ConditionWaiters();
  readonly #ticks = new Map<string, number>();
  readonly #shelf: MemoryShelf;
  readonly #desk: ReserveDesk;
  #lastId = 0;
  #closed: StoreError | null = null;

  /**
   * Makes an empty store.
   *
   * @param options See {@linkcode MemoryJobStoreOptions}.
   */
  constructor(options: MemoryJobStoreOptions = {}) {
    this.#loop = options.loop ?? EventLoop.default();
    this.#maxJobs = options.maxJobs ?? 1_000_000;
    this.#maxJobBytes = options.maxJobBytes ?? 16_777_216;
    const clock = new StoreClock(this.#loop);
    this.#clock = clock;
    this.#shelf = new MemoryShelf(this.#loop, { clock, onReady: (tube) => this.#serve(tube) });
    this.#desk = new ReserveDesk(this.#shelf, {
      loop: this.#loop,
      clock,
      tubes: this.#shelf.tubes,
      board: this.#board,
      conditions: this.#conditions,
      onError: reportTo(this.#loop),
    });
  }

  async push(job: NewJob, options: SinkOptions = {}): Promise<PushReceipt> {
    this.#assertOpen();
    checkNewJob(job, this.#maxJobBytes);
    const receipt = this.#store(job, options);
    this.#serve(job.tube ?? DEFAULT_TUBE);
    return await receipt;
  }

  async pushMany(jobs: readonly NewJob[]): Promise<PushReceipt[]> {
    this.#assertOpen();
    for (const job of jobs) checkNewJob(job, this.#maxJobBytes);
    const receipts = jobs.map((job) => this.#store(job));
    for (const tube of new Set(jobs.map((job) => job.tube ?? DEFAULT_TUBE))) this.#serve(tube);
    return await receipts;
  }

  reserve(options: ReserveOptions): Promise<ReservedJob[]> {
    return this.#desk.reserve(options);
  }

  complete(job: ReservedJob, options?: CompleteOptions): Promise<boolean> {
    return this.#desk.complete(job, options);
  }

  release(job: ReservedJob, options?: ReleaseOptions): Promise<boolean> {
    return this.#desk.release(job, options);
  }

  bury(job: ReservedJob, options?: BuryOptions): Promise<boolean> {
    return this.#desk.bury(job, options);
  }

  touch(job: ReservedJob): Promise<boolean> {
    return this.#desk.touch(job);
  }

  progress(job: ReservedJob, value: Uint8Array): Promise<boolean> {
    return this.#desk.progress(job, value);
  }

  async reserveJob(id: number, options: { durable?: boolean } = {}): Promise<ReservedJob | null> {
    this.#assertOpen();
    const record = this.#shelf.jobs.get(id);
    if (record === undefined || record.state === "reserved") return null;
    this.#shelf.pull(record);
    return await this.#desk.reserveRecord(record, options.durable ?? true);
  }

  async delete(id: number): Promise<boolean> {
    this.#assertOpen();
    const record = this.#shelf.jobs.get(id);
    if (record === undefined || record.state === "reserved") return false;
    const outcome: JobOutcome = { state: "deleted" };
    this.#shelf.pull(record);
    await this.#shelf.end(record, outcome, () => {
      this.#shelf.tubes.count(record.tube, "deleted");
      this.#desk.dropped(record, outcome);
    });
    return true;
  }

  async kick(tube: string, count: number): Promise<number> {
    this.#assertOpen();
    const state = this.#shelf.next(tube, "buried") === undefined ? "delayed" : "buried";
    let kicked = 0;
    for (; kicked < count; kicked++) {
      const record = this.#shelf.next(tube, state);
      if (record === undefined) break;
      this.#kick(record);
    }
    this.#serve(tube);
    return await kicked;
  }

  async kickJob(id: number): Promise<boolean> {
    this.#assertOpen();
    const record = this.#shelf.jobs.get(id);
    if (record?.state !== "buried" && record?.state !== "delayed") return false;
    this.#kick(record);
    this.#serve(record.tube);
    return await true;
  }

  async peek(id: number): Promise<StoredJob | null> {
    this.#assertOpen();
    const record = this.#shelf.jobs.get(id);
    return await (record === undefined ? null : this.#view(record));
  }

  async peekNext(tube: string, state: Exclude<JobState, "reserved">): Promise<StoredJob | null> {
    this.#assertOpen();
    const record = this.#shelf.next(tube, state);
    return await (record === undefined ? null : this.#view(record));
  }

  async list(tube: string, options: ListOptions): Promise<StoredJob[]> {
    this.#assertOpen();
    const { state, limit = 100, after = 0 } = options;
    const found: StoredJob[] = [];
    for (const record of this.#shelf.jobs.values()) {
      if (found.length >= limit) break;
      if (record.id <= after || record.tube !== tube || record.state !== state) continue;
      found.push(this.#view(record));
    }
    return await found;
  }

  async pause(name: string, durationMs: number): Promise<void> {
    this.#assertOpen();
    const tube = this.#shelf.tubes.open(name);
    const now = this.#loop.now();
    tube.pauses++;
    tube.pauseMs = durationMs;
    tube.pausedUntil = durationMs > 0 ? now + durationMs : 0;
    if (durationMs > 0 && durationMs !== Infinity) {
      this.#loop.callLater(durationMs, () => this.#resume(name));
    }
    await this.#resume(name);
  }

  tubes(): string[] {
    return this.#shelf.tubes.names();
  }

  tubeStats(tube: string): TubeStats | null {
    return this.#shelf.tubes.tubeStats(tube, this.#loop.now(), this.#desk.waiters.sizeOf(tube));
  }

  stats(): StoreStats {
    const { leases, waiters } = this.#desk;
    return this.#shelf.tubes.stats({
      waiting: waiters.size,
      pendingBytes: 0,
      staleLeases: leases.stale,
    });
  }

  async whenEmpty(tube: string, options?: WaitOptions): Promise<void> {
    this.#assertOpen();
    const isEmpty = (): boolean => {
      const tally = this.#shelf.tubes.find(tube)?.tally;
      return tally === undefined || tally.size === tally.buried;
    };
    await this.#conditions.wait(isEmpty, options);
  }

  async whenRoom(options?: WaitOptions): Promise<void> {
    this.#assertOpen();
    await this.#conditions.wait(() => this.#shelf.jobs.size < this.#maxJobs, options);
  }

  observe(id: number, observer: JobObserver): Disposable {
    return this.#board.observe(id, observer);
  }

  async outcome(id: number): Promise<JobOutcome | null> {
    this.#assertOpen();
    return await (this.#board.recall(id) ?? this.#shelf.kept.get(id) ?? null);
  }

  async pushTick(schedule: string, tick: number, job: NewJob): Promise<boolean> {
    this.#assertOpen();
    if ((this.#ticks.get(schedule) ?? -Infinity) >= tick) return false;
    const previous = this.#ticks.get(schedule);
    this.#ticks.set(schedule, tick);
    try {
      await this.push(job);
    } catch (error) {
      if (previous === undefined) this.#ticks.delete(schedule);
      else this.#ticks.set(schedule, previous);
      throw error;
    }
    return true;
  }

  close(): void {
    if (this.#closed !== null) return;
    this.#closed = new StoreError("Cannot use job store as it is closed", { code: "closed" });
    this.#shelf.close();
    this.#desk.close(this.#closed);
    this.#board.close(this.#closed);
    this.#conditions.rejectAll(this.#closed);
  }

  /** Same as {@linkcode close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #assertOpen(): void {
    if (this.#closed !== null) throw this.#closed;
  }

  #store(job: NewJob, { overLimit = false }: SinkOptions = {}): PushReceipt {
    if (!overLimit && this.#shelf.jobs.size >= this.#maxJobs) {
      throw new QueueFullError(this.#maxJobs, "jobs");
    }
    const tube = this.#shelf.tubes.open(job.tube ?? DEFAULT_TUBE);
    const holder = job.key === undefined ? undefined : tube.content.keys.get(job.key);
    if (holder !== undefined) {
      this.#shelf.tubes.count(tube.name, "duplicates");
      return { id: holder, duplicate: true };
    }
    const blank = new JobRecord(++this.#lastId, tube.name, job.body);
    const time = { wallMs: this.#loop.wallNow(), storeMs: this.#clock.now() };
    const record = fillRecord(blank, job, time);
    this.#shelf.tubes.enter(record, record.state);
    this.#shelf.tubes.count(tube.name, "pushed");
    this.#shelf.putBack(record);
    return { id: record.id, duplicate: false };
  }

  #kick(record: JobRecord): void {
    record.kicks++;
    record.note("kicked", this.#loop.wallNow());
    if (record.maxAttempts > 0) record.attempts = 0;
    this.#shelf.makeReady(record);
    this.#shelf.tubes.count(record.tube, "kicks");
    this.#board.forget(record.id);
  }

  #serve(tube: string): void {
    this.#desk.waiters.serve(tube);
  }

  #resume(name: string): void {
    this.#serve(name);
    this.#shelf.tubes.prune(name, this.#loop);
  }

  #view(record: JobRecord): StoredJob {
    const view = record.view(this.#clock.now());
    const reservation = this.#desk.leases.get(record.id);
    return reservation === undefined ? view : { ...view, timeLeftMs: reservation.timeLeftMs };
  }
}
