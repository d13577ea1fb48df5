/** A job that a worker runs. */
export interface WorkedJob {
  /** The number of the job. */
  readonly id: number;
  /** The name under which it is defined; empty when its body could not be read. */
  readonly name: string;
  /** The tube that it came from. */
  readonly tube: string;
  /** Which attempt it is. */
  readonly attempt: number;
}

/** What a worker tells. */
export interface JobWorkerEvents {
  /** The worker begins to take jobs. */
  init: { readonly concurrency: number };
  /** A job begins to run. */
  start: { readonly job: WorkedJob };
  /** A job has returned, and has ended. */
  success: { readonly job: WorkedJob; readonly result: unknown; readonly durationMs: number };
  /** A job has failed: it will be run again after `delayMs`, or is buried when that is `null`. */
  exception: { readonly job: WorkedJob; readonly error: unknown; readonly delayMs: number | null };
  /** A job has run for longer than its `timeoutMs`, and was aborted. */
  timeout: { readonly job: WorkedJob; readonly timeoutMs: number };
  /** A job that was aborted goes on nevertheless: the worker no longer waits for it. */
  abandoned: { readonly job: WorkedJob };
  /** A reservation was over before the job had ended, so that another may run it too. */
  stale: { readonly job: WorkedJob };
  /** There was nothing left to do. */
  idle: { readonly completed: number };
  /** The source of jobs has failed; it is tried again unless it was closed. */
  error: { readonly error: unknown };
  /** The worker has stopped. */
  stop: { readonly released: number };
}

/** What a worker has counted. */
export interface JobWorkerStats {
  /** Jobs that are running. */
  running: number;
  /** Jobs that are reserved and not yet running. */
  waiting: number;
  /** Jobs that have returned. */
  succeeded: number;
  /** Jobs that have failed. */
  failed: number;
  /** Jobs that were aborted as their time was over. */
  timeouts: number;
  /** Jobs that went on nevertheless. */
  abandoned: number;
  /** Jobs given back as the worker stopped. */
  released: number;
}
