/** The longest that is spun, in milliseconds. */
const MAX_SPIN_MS = 0.1;
/** By how much the window grows; a smaller one is none. */
const STEP_MS = 0.01;

/**
 * How long to look for I/O before sleeping. Sleeping and waking cost tens of
 * microseconds, so looking pays when I/O is near. Whether it is near is learned
 * from how the last waits ended; each one in vain halves the window, so that
 * looking takes no time from threads that the loop waits for.
 */
export class SpinWindow {
  #windowMs = 0;

  /** How long to look, in milliseconds; 0 for not at all. */
  get windowMs(): number {
    return this.#windowMs;
  }

  /**
   * A wait has ended by I/O.
   *
   * @param waitedMs How long it took, looking and sleeping.
   */
  learn(waitedMs: number): void {
    if (waitedMs <= this.#windowMs) return;
    if (waitedMs > MAX_SPIN_MS) this.shrink();
    else this.#windowMs = Math.min(MAX_SPIN_MS, this.#windowMs + STEP_MS);
  }

  /** A wait has ended, and not by I/O. */
  shrink(): void {
    const halved = this.#windowMs / 2;
    this.#windowMs = halved < STEP_MS ? 0 : halved;
  }
}
