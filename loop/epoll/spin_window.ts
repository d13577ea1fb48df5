/** The longest that is spun, in milliseconds. */
const MAX_SPIN_MS = 0.1;
/** The least that is worth spinning; below, there is none. */
const MIN_SPIN_MS = 0.01;

/**
 * How long to look for I/O before sleeping. Sleeping and waking cost tens of
 * microseconds, so looking pays when the next event is near. Whether it is
 * near is learned from how long the last waits took.
 */
export class SpinWindow {
  #windowMs = 0;

  /** How long to look, in milliseconds; 0 for not at all. */
  get windowMs(): number {
    return this.#windowMs;
  }

  /**
   * A wait is over.
   *
   * @param waitedMs How long it took, looking and sleeping.
   */
  learn(waitedMs: number): void {
    if (waitedMs <= this.#windowMs) return;
    if (waitedMs <= MAX_SPIN_MS) {
      this.#windowMs = Math.min(MAX_SPIN_MS, Math.max(MIN_SPIN_MS, this.#windowMs * 2));
    } else {
      const halved = this.#windowMs / 2;
      this.#windowMs = halved < MIN_SPIN_MS ? 0 : halved;
    }
  }
}
