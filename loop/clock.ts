/**
 * A source of time. Everything in this package reads time through the clock of
 * its loop, so that a simulated clock can stand in for the machine's.
 */
export interface Clock {
  /** Milliseconds from an arbitrary start that never run backwards. */
  monotonicMs(): number;
  /** Milliseconds since the Unix epoch, as the machine believes. */
  wallMs(): number;
}

/**
 * The machine's clock.
 *
 * @example Measure a duration
 * ```ts
 * import { SystemClock } from "@sluice/sluice/loop";
 * import { assert } from "@std/assert";
 *
 * const clock = new SystemClock();
 * const start = clock.monotonicMs();
 * assert(clock.monotonicMs() >= start);
 * ```
 */
export class SystemClock implements Clock {
  /** Milliseconds since the process started. */
  monotonicMs(): number {
    return performance.now();
  }

  /** Milliseconds since the Unix epoch. */
  wallMs(): number {
    return Date.now();
  }
}
