import { JobFailedError } from "./job_failed_error.ts";
import type { JobStore, WaitOptions } from "./job_store.ts";
import type { JobOutcome, JobState } from "./stored_job.ts";

const decoder = new TextDecoder();

/** What a handle asks about its job. */
export type JobHandleSource = Pick<JobStore, "observe" | "outcome" | "peek" | "delete">;

/**
 * A job that was pushed.
 *
 * @typeParam Result What it returns.
 */
export class JobHandle<Result = unknown> {
  readonly #store: JobHandleSource;
  /** The number of the job. */
  readonly id: number;
  /** The name under which it is defined. */
  readonly name: string;
  /** Whether it is an earlier job with the same key. */
  readonly duplicate: boolean;

  /** @ignore Handles are made by queues. */
  constructor(store: JobHandleSource, job: { id: number; name: string; duplicate: boolean }) {
    this.#store = store;
    this.id = job.id;
    this.name = job.name;
    this.duplicate = job.duplicate;
  }

  /**
   * Waits for what the job returns. To be sure of an answer, ask before the job has run, or push
   * it with `keepResultMs`: of others only the latest outcomes are remembered.
   *
   * @throws {JobFailedError} When the job was given up, deleted or dropped, or isn't known.
   * @throws {StoreError} When the store fails or is closed.
   */
  async result(options: WaitOptions = {}): Promise<Result> {
    const { signal } = options;
    signal?.throwIfAborted();
    const outcome = await this.#outcome(signal);
    if (outcome.state !== "completed") {
      const reason = outcome.state === "buried" ? outcome.reason : undefined;
      throw new JobFailedError(this.id, outcome.state, reason);
    }
    if (outcome.result === undefined) return undefined as Result;
    return JSON.parse(decoder.decode(outcome.result));
  }

  /**
   * Calls `listener` with what the job tells of its progress from now on.
   *
   * @returns Stops calling.
   */
  onProgress(listener: (value: unknown) => void): Disposable {
    return this.#store.observe(this.id, {
      progress: (value) => listener(JSON.parse(decoder.decode(value))),
    });
  }

  /** Where the job stands; `null` when it is gone. */
  async state(): Promise<JobState | null> {
    return (await this.#store.peek(this.id))?.state ?? null;
  }

  /** Deletes the job, unless it is being run; `false` when it is, or is gone. */
  async delete(): Promise<boolean> {
    return await this.#store.delete(this.id);
  }

  async #outcome(signal: AbortSignal | undefined): Promise<JobOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<JobOutcome>();
    const abort = (): void => reject(signal!.reason);
    using _observation = this.#store.observe(this.id, { settled: resolve, lost: reject });
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([promise, this.#alreadyEnded(promise)]);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** How the job ended if it has; otherwise what `later` says. */
  async #alreadyEnded(later: Promise<JobOutcome>): Promise<JobOutcome> {
    const known = await this.#store.outcome(this.id);
    if (known !== null) return known;
    const job = await this.#store.peek(this.id);
    if (job === null) throw new JobFailedError(this.id, "unknown");
    if (job.state === "buried") return { state: "buried", reason: job.reason };
    return await later;
  }
}
