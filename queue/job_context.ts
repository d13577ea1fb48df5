import type { ReleaseOptions } from "./job_store.ts";

/** What a job knows and may do while it runs. */
export interface JobContext {
  /** The number of the job. */
  readonly id: number;
  /** The name under which it is defined. */
  readonly name: string;
  /** Which attempt this is; the first is 1. */
  readonly attempt: number;
  /** How many there are at most; 0 for no limit. */
  readonly maxAttempts: number;
  /** Aborted when the time of the job is over, or the worker has to stop. */
  readonly signal: AbortSignal;
  /**
   * Tells those who observe the job how far it is.
   *
   * @param value Whatever JSON can hold.
   */
  progress(value: unknown): void;
  /** Starts the time of the job anew: its `timeoutMs`, and that of its reservation. */
  touch(): void;
  /**
   * Has the job given back when it returns, instead of ended.
   *
   * @param options When it is to run again. It counts as an attempt unless `counted` is `false`.
   */
  release(options?: ReleaseOptions): void;
  /**
   * Has the job put among the dead letters when it returns, instead of ended.
   *
   * @param reason Why.
   */
  bury(reason?: string): void;
}
