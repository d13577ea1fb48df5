import type { Backoff } from "./backoff.ts";

/** How a job is run; part of its definition, and each time it is pushed. */
export interface JobRunOptions {
  /**
   * From 0, the most urgent, to 4,294,967,295.
   *
   * @default {1024}
   */
  readonly priority?: number;
  /**
   * How often the job is tried until it is buried; 0 for no limit.
   *
   * @default {5}
   */
  readonly maxAttempts?: number;
  /**
   * How long a job that has failed waits for its next attempt: a rule, or always the same
   * number of milliseconds.
   *
   * @default {1 second, twice as long each time, at most 10 minutes}
   */
  readonly backoff?: Backoff | number;
  /**
   * How long the job may run in milliseconds until it is aborted; 0 for no limit.
   *
   * @default {60_000}
   */
  readonly timeoutMs?: number;
}

/** Options of `JobQueue.push`. */
export interface PushOptions extends JobRunOptions {
  /**
   * Milliseconds until the job may run.
   *
   * @default {0}
   */
  readonly delayMs?: number;
  /**
   * Milliseconds after which a job that no worker has begun is dropped; 0 for never.
   *
   * @default {0}
   */
  readonly ttlMs?: number;
  /**
   * While a job with this key waits or runs, further ones with it are not stored.
   *
   * @default {none}
   */
  readonly key?: string;
  /**
   * Of the jobs with this key, at most one runs at a time.
   *
   * @default {none}
   */
  readonly concurrencyKey?: string;
  /**
   * How long the result can be asked for by another process, or after a restart, in milliseconds.
   *
   * @default {0}
   */
  readonly keepResultMs?: number;
}

/** The number of attempts of jobs for which none is given. */
export const DEFAULT_MAX_ATTEMPTS = 5;

/** The time in milliseconds of jobs for which none is given. */
export const DEFAULT_TIMEOUT_MS = 60_000;
