import type { Connection } from "../connection.ts";

/**
 * Keeps the messages of a client in order while it is found out whether one of
 * them is allowed. Meanwhile no more are read.
 */
export class Gate {
  readonly #connection: Connection;
  #closed: Promise<void> | null = null;

  /** @param connection The connection of the client. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Runs `next` in its turn: at once, unless a message before it is still waiting. */
  enter(next: () => void | Promise<void>): void | Promise<void> {
    return this.#closed === null ? next() : this.#closed.then(() => this.enter(next));
  }

  /**
   * Waits for a value that those behind have to wait for, too.
   *
   * @param value The value, or a promise of it.
   * @param run Takes the value.
   */
  pass<T>(value: T | Promise<T>, run: (value: T) => void | Promise<void>): void | Promise<void> {
    if (!(value instanceof Promise)) return run(value);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = promise;
    this.#connection.pause();
    const open = (): void => {
      this.#closed = null;
      this.#connection.resume();
      resolve();
    };
    return value.then((settled) => {
      open();
      return run(settled);
    }, (error) => {
      open();
      throw error;
    });
  }
}
