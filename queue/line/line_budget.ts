/** Whom a budget tells that there is room again. */
export interface BudgetWaiter {
  onRoom(): void;
}

/** The bytes of all connections of a server that are read and not yet durable. */
export class LineBudget {
  readonly #maxBytes: number;
  readonly #waiters = new Set<BudgetWaiter>();
  #bytes = 0;

  /**
   * @param maxBytes The most of them, but for what a connection has just read.
   */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether nothing more is to be read. */
  get spent(): boolean {
    return this.#bytes >= this.#maxBytes;
  }

  /** Takes bytes. */
  take(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Gives bytes back, and tells those who wait when there is room again. */
  giveBack(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#waiters.size === 0 || this.#bytes > this.#maxBytes / 2) return;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.onRoom();
  }

  /** Tells a connection, once, when there is room again. */
  wait(waiter: BudgetWaiter): void {
    this.#waiters.add(waiter);
  }

  /** Forgets a connection that has waited. */
  forget(waiter: BudgetWaiter): void {
    this.#waiters.delete(waiter);
  }
}
