import type { BuryOptions, JobStore, ReleaseOptions } from "./job_store.ts";
import type { ReservedJob } from "./stored_job.ts";

/** A job that was popped: it is up to its holder what becomes of it. */
export class TakenJob implements AsyncDisposable {
  readonly #store: JobStore;
  readonly #job: ReservedJob;
  /** The name under which it is defined. */
  readonly name: string;
  /** Its data. */
  readonly data: unknown;
  #settled = false;

  /** @ignore Made by queues. */
  constructor(store: JobStore, job: ReservedJob, body: { job: string; data: unknown }) {
    this.#store = store;
    this.#job = job;
    this.name = body.job;
    this.data = body.data;
  }

  /** The number of the job. */
  get id(): number {
    return this.#job.id;
  }

  /** Which attempt this is. */
  get attempt(): number {
    return this.#job.attempts;
  }

  /** What is left of the reservation, in milliseconds. */
  get timeLeftMs(): number {
    return this.#job.timeLeftMs;
  }

  /**
   * Ends the job.
   *
   * @param result What it produced; whatever JSON can hold.
   * @returns `false` when the reservation is over.
   */
  async complete(result?: unknown): Promise<boolean> {
    this.#settled = true;
    const text = JSON.stringify(result);
    return await this.#store.complete(this.#job, {
      result: text === undefined ? undefined : new TextEncoder().encode(text),
    });
  }

  /** Gives the job back; `false` when the reservation is over. */
  async release(options?: ReleaseOptions): Promise<boolean> {
    this.#settled = true;
    return await this.#store.release(this.#job, options);
  }

  /** Puts the job among the dead letters; `false` when the reservation is over. */
  async bury(options?: BuryOptions): Promise<boolean> {
    this.#settled = true;
    return await this.#store.bury(this.#job, options);
  }

  /** Starts the time of the reservation anew; `false` when it is over. */
  async touch(): Promise<boolean> {
    return await this.#store.touch(this.#job);
  }

  /** Gives the job back unless something else was done with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#settled) await this.release();
  }
}
