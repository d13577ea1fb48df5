import type { EventLoop } from "../../../loop/mod.ts";
import type { PushReceipt, SinkOptions } from "../../job_store.ts";
import { QueueFullError } from "../../queue_full_error.ts";
import { StoreError } from "../../store_error.ts";
import { DEFAULT_TUBE, type NewJob } from "../../stored_job.ts";
import { checkNewJob, fillRecord } from "../new_record.ts";
import type { StoreClock } from "../store_clock.ts";
import type { Batch } from "./batch.ts";
import { Bodies } from "./bodies.ts";
import { PutChange, type PutHost } from "./changes.ts";
import type { Committer } from "./committer.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvDatabase } from "./kv_database.ts";
import { KvRecord } from "./kv_record.ts";
import type { SegmentIndex } from "./segment_index.ts";
import type { Sequence } from "./sequence.ts";

/** What an intake works on. */
export interface IntakeParts {
  loop: EventLoop;
  clock: StoreClock;
  kv: KvDatabase;
  keys: KeySpace;
  index: SegmentIndex;
  committer: Committer;
  bodies: Bodies;
  sequence: Sequence;
  maxJobs: number;
  maxJobBytes: number;
  maxPendingBytes: number;
}

/** How many of the jobs of one call are under way at a time. */
const JOBS_AT_ONCE = 5000;

/** What else goes into the transaction that stores a job. */
type Also = (batch: Batch) => void;

/** Takes new jobs in. */
export class Intake implements PutHost {
  readonly #parts: IntakeParts;
  /** Pushes of jobs with a key that are under way, by tube and key. */
  readonly #keyed = new Map<string, Promise<PushReceipt>>();
  #pendingJobs = 0;
  /** Bytes pushed and not yet durable. */
  pendingBytes = 0;

  /**
   * @param parts See {@linkcode IntakeParts}.
   */
  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** The keys of the store. */
  get keys(): KeySpace {
    return this.#parts.keys;
  }

  /** Counts a job in that is stored. */
  stored(record: KvRecord): void {
    const { tubes } = this.#parts.index;
    this.unstored(record);
    tubes.enter(record, record.state);
    tubes.count(record.tube, "pushed");
  }

  /** Counts a job out that was under way. */
  unstored(record: KvRecord): void {
    this.#pendingJobs--;
    this.pendingBytes -= record.body.length;
  }

  /** Whether a further job can be taken in. */
  get hasRoom(): boolean {
    const { index, maxJobs, maxPendingBytes } = this.#parts;
    const isFull = index.tubes.tally.size + this.#pendingJobs >= maxJobs;
    return !isFull && this.pendingBytes < maxPendingBytes;
  }

  /** Stores a job, and with it what `also` puts into the transaction. */
  push(job: NewJob, options: SinkOptions & { also?: Also } = {}): Promise<PushReceipt> {
    checkNewJob(job, this.#parts.maxJobBytes);
    this.#checkRoom(options.overLimit ? -Infinity : 1);
    return this.#push(job, options.also);
  }

  /** Stores jobs. */
  async pushMany(jobs: readonly NewJob[]): Promise<PushReceipt[]> {
    for (const job of jobs) checkNewJob(job, this.#parts.maxJobBytes);
    this.#checkRoom(jobs.length);
    const receipts: PushReceipt[] = [];
    for (let from = 0; from < jobs.length; from += JOBS_AT_ONCE) {
      const some = jobs.slice(from, from + JOBS_AT_ONCE);
      receipts.push(...await Promise.all(some.map((job) => this.#push(job))));
    }
    return receipts;
  }

  #checkRoom(count: number): void {
    const { index, maxJobs, maxPendingBytes } = this.#parts;
    if (index.tubes.tally.size + this.#pendingJobs + count > maxJobs) {
      throw new QueueFullError(maxJobs, "jobs");
    }
    if (this.pendingBytes >= maxPendingBytes) throw new QueueFullError(maxPendingBytes, "bytes");
  }

  #push(job: NewJob, also?: Also): Promise<PushReceipt> {
    if (job.key !== undefined) return this.#pushKeyed(job, job.key, also);
    return Bodies.isLarge(job.body) ? this.#pushLarge(job, also) : this.#put(job, { also });
  }

  async #pushKeyed(job: NewJob, key: string, also?: Also): Promise<PushReceipt> {
    const { index } = this.#parts;
    const tube = job.tube ?? DEFAULT_TUBE;
    const name = `${tube} ${key}`;
    for (let other = this.#keyed.get(name); other; other = this.#keyed.get(name)) {
      const [result] = await Promise.allSettled([other]);
      if (result.status === "fulfilled") return this.#duplicate(tube, result.value.id);
    }
    const pushing = this.#holderOf(tube, key).then((holder) => {
      if (holder !== undefined) return this.#duplicate(tube, holder);
      return Bodies.isLarge(job.body) ? this.#pushLarge(job, also) : this.#put(job, { also });
    });
    this.#keyed.set(name, pushing);
    try {
      return await pushing;
    } finally {
      this.#keyed.delete(name);
      index.tubes.prune(tube, this.#parts.loop);
    }
  }

  async #holderOf(tube: string, key: string): Promise<number | undefined> {
    const { kv, keys } = this.#parts;
    try {
      const { value } = await kv.get(keys.unique(tube, key));
      return typeof value === "number" ? value : undefined;
    } catch (cause) {
      const message = "Cannot push job as the database has failed";
      throw new StoreError(message, { code: "failed", cause });
    }
  }

  #duplicate(tube: string, id: number): PushReceipt {
    this.#parts.index.tubes.count(tube, "duplicates");
    return { id, duplicate: true };
  }

  async #pushLarge(job: NewJob, also?: Also): Promise<PushReceipt> {
    const { bodies, sequence } = this.#parts;
    const { length } = job.body;
    this.pendingBytes += length;
    const id = sequence.nextSeq();
    try {
      const { chunks, also: store } = await bodies.stage(job.body, id);
      return await this.#put({ ...job, body: new Uint8Array() }, {
        chunks,
        also(batch) {
          store(batch);
          also?.(batch);
        },
      });
    } catch (error) {
      bodies.sweep({ id, count: Bodies.countOf(job.body) });
      throw error;
    } finally {
      this.pendingBytes -= length;
    }
  }

  #put(
    job: NewJob,
    more: { chunks?: KvRecord["chunks"]; also?: Also },
  ): Promise<PushReceipt> {
    const { loop, clock, committer, sequence } = this.#parts;
    const record = new KvRecord(sequence.nextId(), job.tube ?? DEFAULT_TUBE, job.body);
    fillRecord(record, job, { wallMs: loop.wallNow(), storeMs: clock.now() });
    record.chunks = more.chunks ?? null;
    this.#pendingJobs++;
    this.pendingBytes += record.body.length;
    const { also } = more;
    return new Promise((resolve, reject) => {
      committer.submit(new PutChange(record, { host: this, also, resolve, reject }));
    });
  }
}
