/** Which worker a hook is about. */
export interface WorkerIdentity {
  /** The number of the worker, from 1. */
  readonly id: number;
  /** Its process. */
  readonly pid: number;
}

/** How a worker ended. */
export interface WorkerEnd extends WorkerIdentity {
  /** The exit code, or `null` when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or `null`. */
  readonly signal: string | null;
  /** Whether the supervisor wanted it to end. */
  readonly expected: boolean;
  /** Why it ended, in a few words. */
  readonly reason: string;
}

/** What a program can do when workers come and go. A hook that throws is logged. */
export interface WorkerHooks {
  /**
   * Called before a worker is started. When it throws, the worker is not started and this counts
   * as a failed boot.
   *
   * @returns Environment variables for this worker.
   */
  beforeSpawn?(worker: { id: number }): Record<string, string> | void;
  /** Called when the process of a worker runs. */
  afterSpawn?(worker: WorkerIdentity): void | Promise<void>;
  /** Called when a worker has booted. */
  workerReady?(worker: WorkerIdentity): void | Promise<void>;
  /** Called when the process of a worker has ended. */
  workerExit?(end: WorkerEnd): void | Promise<void>;
}
