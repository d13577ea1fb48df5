import type { Connection } from "../connection.ts";

/**
 * Keeps the messages of a client in order while it is found out whether one of
 * them is allowed. Meanwhile no more are read.
 */
export class Gate {
  readonly #connection: Connection;
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;
  #isOver = false;

  /** @param connection The connection of the client. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Runs `next` in its turn: at once, unless a message before it is still waiting. */
  enter(next: () => void | Promise<void>): void | Promise<void> {
    if (this.#isOver) return;
    if (!this.#isClosed) return next();
    return new Promise((resolve) =>
      void this.#waiting.push(() => resolve(this.#isOver ? undefined : Promise.try(next)))
    );
  }

  /**
   * Waits for a value that those behind have to wait for, too.
   *
   * @param value The value, or a promise of it.
   * @param run Takes the value.
   */
  pass<T>(value: T | Promise<T>, run: (value: T) => void | Promise<void>): void | Promise<void> {
    if (!(value instanceof Promise)) return run(value);
    this.#isClosed = true;
    this.#connection.pause();
    return value.then((settled) => {
      try {
        return this.#isOver ? undefined : run(settled);
      } finally {
        this.#open();
      }
    }, (error) => {
      this.#open();
      throw error;
    });
  }

  /** The client is gone: what waits is not run any more. */
  end(): void {
    this.#isOver = true;
  }

  #open(): void {
    this.#isClosed = false;
    // The next one may close it again.
    while (!this.#isClosed && this.#waiting.length > 0) this.#waiting.shift()!();
    // Only then: a connection may hand over what it held back before this returns.
    if (!this.#isClosed) this.#connection.resume();
  }
}
