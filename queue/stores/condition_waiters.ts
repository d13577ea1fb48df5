import type { WaitOptions } from "../job_store.ts";

/** A call that waits for a condition. */
interface Waiter {
  readonly holds: () => boolean;
  resolve(): void;
  reject(reason: unknown): void;
}

/** The calls that wait for a condition on the state of a store. */
export class ConditionWaiters {
  readonly #waiters = new Set<Waiter>();

  /** Waits until `holds` answers true; at once if it does already. */
  wait(holds: () => boolean, options: WaitOptions = {}): Promise<void> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        holds,
        resolve() {
          leave();
          resolve();
        },
        reject(reason) {
          leave();
          reject(reason);
        },
      };
      const abort = (): void => waiter.reject(signal!.reason);
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Asks all conditions again, as the state has changed. */
  check(): void {
    if (this.#waiters.size === 0) return;
    for (const waiter of this.#waiters) if (waiter.holds()) waiter.resolve();
  }

  /** Rejects all that wait. */
  rejectAll(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(reason);
  }
}
