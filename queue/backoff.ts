import type { RandomSource } from "../loop/mod.ts";

/** How long a job that has failed waits for its next attempt. */
export interface Backoff {
  /**
   * The wait after the first failure in milliseconds.
   *
   * @default {1_000}
   */
  readonly baseMs?: number;
  /**
   * By how much each wait is longer than the one before.
   *
   * @default {2}
   */
  readonly factor?: number;
  /**
   * The longest wait in milliseconds.
   *
   * @default {600_000}
   */
  readonly maxMs?: number;
  /**
   * The part of the wait that is left to chance, from 0 to 1, so that jobs that failed together
   * don't come back together.
   *
   * @default {0.2}
   */
  readonly jitter?: number;
}

/**
 * How long to wait after a failure.
 *
 * @example Twice as long each time
 * ```ts
 * import { backoffMs } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * const backoff = { baseMs: 100, jitter: 0 };
 * assertEquals([1, 2, 3].map((attempt) => backoffMs(backoff, attempt)), [100, 200, 400]);
 * ```
 *
 * @param backoff The rule.
 * @param attempt The attempt that has failed; the first is 1.
 * @param random Decides what is left to chance.
 * @returns Milliseconds.
 */
export function backoffMs(
  backoff: Backoff,
  attempt: number,
  random?: RandomSource,
): number {
  const { baseMs = 1000, factor = 2, maxMs = 600_000, jitter = 0.2 } = backoff;
  const waitMs = Math.min(maxMs, baseMs * factor ** (attempt - 1));
  const chance = random === undefined ? 0 : jitter * random.next();
  return Math.round(waitMs * (1 - chance));
}
