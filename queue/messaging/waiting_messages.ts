import { Deferred } from "./deferred.ts";
import { MessageError } from "./message_error.ts";

/** Messages that wait for a connection with room, first come, first served. */
export class WaitingMessages<T> {
  readonly #limit: number;
  readonly #waiting = new Map<Deferred<T>, Uint8Array>();

  /**
   * @param limit How many may wait.
   * @throws {RangeError} When the limit is none.
   */
  constructor(limit: number) {
    if (!(limit >= 1)) {
      throw new RangeError(`Cannot have high-water mark ${limit} as it is not at least 1`);
    }
    this.#limit = limit;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Lets a message wait.
   *
   * @returns What its sender waits for.
   * @throws {MessageError} When as many wait as may.
   */
  add(message: Uint8Array, signal?: AbortSignal): Deferred<T> {
    if (this.#waiting.size >= this.#limit) {
      const reason = `no connection has room and ${this.#limit} wait: the limit is reached`;
      throw new MessageError(`Cannot send message as ${reason}`, { code: "full" });
    }
    const deferred = new Deferred<T>(signal, (it) => this.giveUp(it));
    this.#waiting.set(deferred, message);
    return deferred;
  }

  /** Takes one out that isn't to be sent any more, if it waits yet. */
  giveUp(deferred: Deferred<T>): void {
    this.#waiting.delete(deferred);
  }

  /** Takes the first one out. */
  take(): { deferred: Deferred<T>; message: Uint8Array } | undefined {
    for (const [deferred, message] of this.#waiting) {
      this.#waiting.delete(deferred);
      return { deferred, message };
    }
    return undefined;
  }

  /** Rejects all that wait. */
  fail(reason: unknown): void {
    for (const deferred of this.#waiting.keys()) deferred.reject(reason);
    this.#waiting.clear();
  }
}
