/** Memory that many connections share: each takes what it needs and gives it back. */
export class MemoryBudget {
  /** How much there is, in bytes. */
  readonly max: number;
  #used = 0;

  /**
   * @param max How much there is, in bytes.
   */
  constructor(max: number) {
    this.max = max;
  }

  /** How much is taken. */
  get used(): number {
    return this.#used;
  }

  /**
   * Takes `bytes` more.
   *
   * @returns Whether there was enough; taken it is in any case.
   */
  take(bytes: number): boolean {
    this.#used += bytes;
    return this.#used <= this.max;
  }

  /** Gives `bytes` back. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
