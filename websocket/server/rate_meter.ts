/** Counts what comes against a rate: as much as two seconds bring may come at once. */
export class RateMeter {
  readonly #perMs: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  private constructor(perSecond: number, now: number) {
    this.#perMs = perSecond / 1000;
    this.#burst = perSecond * 2;
    this.#left = this.#burst;
    this.#at = now;
  }

  /** Makes a meter, or `null` when any rate will do. */
  static of(perSecond: number, now: number): RateMeter | null {
    return perSecond === Infinity ? null : new RateMeter(perSecond, now);
  }

  /**
   * Counts `amount`.
   *
   * @returns Whether it was within the rate.
   */
  take(amount: number, now: number): boolean {
    this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#perMs) - amount;
    this.#at = now;
    return this.#left >= 0;
  }
}
