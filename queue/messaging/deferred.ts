/** A promise that is settled from outside, or rejected by a signal. */
export class Deferred<T> {
  /** What is waited for. */
  readonly promise: Promise<T>;
  readonly #parts: PromiseWithResolvers<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;
  #isSettled = false;

  /**
   * @param signal Gives up waiting.
   * @param onGiveUp Called when it has.
   */
  constructor(signal: AbortSignal | undefined, onGiveUp: (deferred: Deferred<T>) => void) {
    this.#parts = Promise.withResolvers<T>();
    this.promise = this.#parts.promise;
    this.#signal = signal;
    this.#onAbort = () => {
      this.reject(signal!.reason);
      onGiveUp(this);
    };
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Whether nobody waits any more. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Ends the wait. */
  resolve(value: T): void {
    this.#settle();
    this.#parts.resolve(value);
  }

  /** Ends the wait with an error. */
  reject(reason: unknown): void {
    this.#settle();
    this.#parts.reject(reason);
  }

  #settle(): void {
    this.#isSettled = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
