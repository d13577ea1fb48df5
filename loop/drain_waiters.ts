import type { StreamError } from "./stream.ts";

interface Waiter {
  resolve: () => void;
  reject: (reason: unknown) => void;
  signal: AbortSignal | undefined;
  abort: () => void;
}

/** Those who wait until a stream's write queue has drained. */
export class DrainWaiters {
  readonly #waiters = new Set<Waiter>();

  /** How many wait. */
  get size(): number {
    return this.#waiters.size;
  }

  /**
   * Waits until {@linkcode resolve} or {@linkcode reject}.
   *
   * @throws The reason of `signal` when it is aborted before.
   */
  wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal!.reason);
      };
      const waiter: Waiter = { resolve, reject, signal, abort };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Lets all go on. */
  resolve(): void {
    for (const waiter of this.#take()) waiter.resolve();
  }

  /** Tells all that the stream is gone. */
  reject(error: StreamError): void {
    for (const waiter of this.#take()) waiter.reject(error);
  }

  #take(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const { signal, abort } of waiters) signal?.removeEventListener("abort", abort);
    return waiters;
  }
}
