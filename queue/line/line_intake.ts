import type { EventLoop } from "../../loop/mod.ts";
import type { SinkOptions } from "../job_store.ts";
import { JobTooBigError } from "../job_too_big_error.ts";
import { QueueFullError } from "../queue_full_error.ts";
import { StoreError } from "../store_error.ts";
import type { NewJob } from "../stored_job.ts";
import type { LineBudget } from "./line_budget.ts";
import type { LineGroup } from "./line_questions.ts";
import type { LineServerStats, LineStore } from "./line_server_options.ts";

/** Most jobs that are offered at once to a store that has refused some. */
const MAX_OFFERED = 1024;
/** How soon a store is asked again that minds no limit and still has no room. */
const RUSH_MS = 10;

const WITHIN_LIMIT: SinkOptions = {};
const OVER_LIMIT: SinkOptions = { overLimit: true };

/** A job that is to be stored, and the line that it came in. */
export interface Parcel {
  readonly job: NewJob;
  readonly line: number;
  readonly group: LineGroup;
}

/** Whom an intake works for. */
export interface LineIntakeHost {
  readonly loop: EventLoop;
  readonly store: LineStore;
  readonly stats: LineServerStats;
  readonly budget: LineBudget;
  readonly retryMs: number;
  readonly onError: (error: unknown) => void;
  /** A job can't be stored, now or later. */
  refuse(parcel: Parcel, reason: string): void;
  /** A job was not stored, as the store is gone or time is up. */
  handBack(parcel: Parcel, error: unknown): void;
  /** Something has left the intake, in whatever way, or it takes jobs again. */
  onChange(): void;
  /** The store takes no jobs for now: what comes has to wait. */
  onBlocked(): void;
}

/** Puts the jobs of one connection into the store, in their order, however often that takes. */
export class LineIntake {
  readonly #host: LineIntakeHost;
  /** Aborted when the limit of the store doesn't count any more. */
  readonly #rush = new AbortController();
  /** Aborted when nothing is tried again. */
  readonly #end = new AbortController();
  /** Jobs that the store has refused for now, in their order. */
  #waiting: Parcel[] = [];
  #options = WITHIN_LIMIT;
  #blocked = false;
  #jobs = 0;
  #bytes = 0;

  /**
   * @param host Whom it works for.
   */
  constructor(host: LineIntakeHost) {
    this.#host = host;
  }

  /** Jobs that are not yet durable. */
  get jobs(): number {
    return this.#jobs;
  }

  /** Bytes of those jobs. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether jobs wait for the store to take them again. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Takes a job in. */
  take(parcel: Parcel): void {
    this.#jobs++;
    this.#bytes += parcel.job.body.length;
    this.#host.budget.take(parcel.job.body.length);
    // None may overtake those that wait.
    if (this.#blocked) this.#waiting.push(parcel);
    else this.#push(parcel);
  }

  /** From now on stores jobs although the store is full. */
  rush(): void {
    this.#options = OVER_LIMIT;
    this.#rush.abort();
  }

  /** From now on tries nothing again: what the store doesn't take is handed back. */
  giveUp(): void {
    this.rush();
    this.#end.abort();
  }

  #push(parcel: Parcel): void {
    this.#host.store.push(parcel.job, this.#options).then(
      () => this.#stored(parcel),
      (error) => {
        if (this.#refused(parcel, error)) return;
        this.#waiting.push(parcel);
        if (!this.#blocked) void this.#retry(error);
      },
    );
  }

  #stored(parcel: Parcel): void {
    this.#host.stats.jobs++;
    parcel.group.stored++;
    this.#settle(parcel);
  }

  /** Whether a job can't be stored, now or later. */
  #refused(parcel: Parcel, error: unknown): boolean {
    const isUnfit = error instanceof RangeError || error instanceof JobTooBigError;
    if (!isUnfit) return false;
    this.#host.refuse(parcel, error.message);
    this.#settle(parcel);
    return true;
  }

  /** Holds everything back until the store takes jobs again, and then offers it bit by bit. */
  async #retry(error: unknown): Promise<void> {
    this.#blocked = true;
    this.#host.onBlocked();
    try {
      await this.#whenTaking(error);
      for (let count = 1; this.#waiting.length > 0; count = Math.min(count * 2, MAX_OFFERED)) {
        const failure = await this.#offer(this.#waiting.splice(0, count));
        if (failure === null) continue;
        await this.#whenTaking(failure.reason);
        count = 1;
      }
    } catch (reason) {
      for (const parcel of this.#waiting.splice(0)) {
        this.#host.handBack(parcel, reason);
        this.#settle(parcel);
      }
    }
    this.#blocked = false;
    this.#host.onChange();
  }

  /** Pushes jobs; those that the store refuses for now wait again, and why is returned. */
  async #offer(parcels: Parcel[]): Promise<PromiseRejectedResult | null> {
    const { store } = this.#host;
    const pushes = parcels.map(({ job }) => store.push(job, this.#options));
    const again: Parcel[] = [];
    let failure: PromiseRejectedResult | null = null;
    for (const [i, result] of (await Promise.allSettled(pushes)).entries()) {
      if (result.status === "fulfilled") this.#stored(parcels[i]);
      else if (!this.#refused(parcels[i], result.reason)) {
        failure ??= result;
        again.push(parcels[i]);
      }
    }
    if (again.length > 0) this.#waiting = again.concat(this.#waiting);
    return failure;
  }

  /**
   * Waits until the store may take jobs again.
   *
   * @throws {unknown} Why it never will.
   */
  async #whenTaking(error: unknown): Promise<void> {
    const { loop, store, stats, retryMs, onError } = this.#host;
    if (this.#end.signal.aborted) throw error;
    if (error instanceof StoreError && error.code !== "failed") throw error;
    const isFull = error instanceof QueueFullError;
    if (isFull) stats.fullWaits++;
    else {
      stats.failures++;
      onError(error);
    }
    const { signal } = isFull && !this.#rush.signal.aborted ? this.#rush : this.#end;
    try {
      if (!isFull) await loop.sleep(retryMs, { signal });
      else if (signal === this.#rush.signal) await store.whenRoom({ signal });
      else await loop.sleep(RUSH_MS, { signal });
    } catch (reason) {
      // It is offered once more, be it for the last time.
      if (!signal.aborted) throw reason;
    }
  }

  #settle({ job, group }: Parcel): void {
    group.left--;
    this.#jobs--;
    this.#bytes -= job.body.length;
    this.#host.budget.giveBack(job.body.length);
    this.#host.onChange();
  }
}
