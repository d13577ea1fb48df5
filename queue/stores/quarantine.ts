import type { EventLoop, Handle } from "../../loop/mod.ts";
import { Heap } from "./heap.ts";
import { isMoreUrgent, type JobRecord } from "./job_record.ts";

/** After this time without a crash, a job is no longer suspected to be the cause of one. */
const HARMLESS_AFTER_MS = 5000;

/**
 * Lets jobs that were running when their process crashed through one at a
 * time. If one of them is the cause, the next crash tells which, and the
 * others don't use up their attempts in its company.
 */
export class Quarantine {
  readonly #loop: EventLoop;
  readonly #onReady: (record: JobRecord) => void;
  readonly #parked = new Heap<JobRecord>(isMoreUrgent);
  #holder: JobRecord | null = null;
  #timer: Handle | null = null;

  /**
   * @param loop Whose clock the time is on.
   * @param onReady Told of the job that may be brought here again.
   */
  constructor(loop: EventLoop, onReady: (record: JobRecord) => void) {
    this.#loop = loop;
    this.#onReady = onReady;
  }

  /** Lets a job through, or parks it. */
  enter(record: JobRecord): boolean {
    if (record.crashes === 0) return true;
    if (this.#holder !== null) {
      this.#parked.add(record);
      return false;
    }
    this.#holder = record;
    this.#timer = this.#loop.callLater(HARMLESS_AFTER_MS, () => this.leave(record));
    return true;
  }

  /** Lets the next one through, as a job has ended or seems to be harmless. */
  leave(record: JobRecord): void {
    if (this.#holder !== record) return;
    this.#timer?.cancel();
    this.#holder = null;
    this.next();
  }

  /** Lets the next one through, as one that was to be brought here is gone. */
  next(): void {
    if (this.#holder !== null) return;
    const next = this.#parked.take();
    if (next !== undefined) this.#onReady(next);
  }

  /** Takes out a job that is parked; `false` when it isn't. */
  unpark(record: JobRecord): boolean {
    if (record.crashes === 0 || ![...this.#parked.values()].includes(record)) return false;
    this.#parked.remove(record);
    return true;
  }

  /** Lets no more through. */
  close(): void {
    this.#timer?.cancel();
  }
}
