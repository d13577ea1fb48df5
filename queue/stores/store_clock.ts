import type { EventLoop } from "../../loop/mod.ts";

/**
 * The time by which a store tells delays and expiries: that of the machine's
 * clock, except that it never runs back. When the machine's clock is set back,
 * it goes on from where it was, so that no job waits for an hour to come twice.
 */
export class StoreClock {
  readonly #loop: EventLoop;
  /** How far it is ahead of the loop's monotonic clock. */
  #ahead = -Infinity;

  /**
   * @param loop Whose clocks it follows.
   */
  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    const { clock } = this.#loop;
    const monotonicMs = clock.monotonicMs();
    this.#ahead = Math.max(this.#ahead, clock.wallMs() - monotonicMs);
    return monotonicMs + this.#ahead;
  }

  /** Goes on from `ms` at least: what it showed when the store was last in use. */
  raise(ms: number): void {
    this.#ahead = Math.max(this.#ahead, ms - this.#loop.clock.monotonicMs());
  }
}
