/** The longest that is looked for I/O, in milliseconds. */
const MAX_WINDOW_MS = 0.1;
/** Most waits in a row that don't spin after spinning was in vain. */
const MAX_SKIPPED = 256;
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
  #skipped = 0;
  #toSkip = 0;

  /** How long to look, in milliseconds; 0 for not at all. */
  get windowMs(): number {
    return this.#windowMs;
  }

  /** Whether to begin the next wait by looking again and again instead of once, for long. */
  worthSpinning(): boolean {
    return this.#windowMs > 0 && this.#skipped++ >= this.#toSkip;
  }

  /**
   * A wait has begun by looking again and again. In vain it keeps busy the very processor that
   * the peer may have to run on, and is tried ever less often.
   *
   * @param found Whether that has found something.
   */
  spun(found: boolean): void {
    this.#skipped = 0;
    this.#toSkip = found ? 0 : Math.min(MAX_SKIPPED, this.#toSkip * 2 + 1);
  }

  /**
   * A wait has ended by I/O.
   *
   * @param waitedMs How long it took, looking and sleeping.
   */
  learn(waitedMs: number): void {
    if (waitedMs <= this.#windowMs) return;
    if (waitedMs > MAX_WINDOW_MS) this.shrink();
    else this.#windowMs = Math.min(MAX_WINDOW_MS, this.#windowMs + STEP_MS);
  }

  /** A wait has ended, and not by I/O. */
  shrink(): void {
    const halved = this.#windowMs / 2;
    this.#windowMs = halved < STEP_MS ? 0 : halved;
  }
}
