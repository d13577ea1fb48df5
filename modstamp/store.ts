/**
 * Where a server's values outlive it. A server waits for each commit before it
 * starts the next. A store that several servers share tells each of them what
 * the others change.
 */
export interface ModstampStore extends AsyncDisposable {
  /**
   * Reads everything that is kept.
   *
   * @param onValue Called with each id and its value.
   */
  load(onValue: (id: string, value: Uint8Array) => void): Promise<void>;

  /**
   * Makes changes durable. When the promise resolves, they survive any crash.
   *
   * @param changes The new values by id; an empty one deletes.
   * @returns For a store that several servers share: the version of the changes,
   *   greater than that of all that became durable before, whoever made them.
   * @throws {StoreError} When they could not be stored, or only in part.
   */
  commit(changes: ReadonlyMap<string, Uint8Array>): Promise<number | void>;

  /**
   * Tells what other servers change, for a store that has several. Called before
   * {@linkcode load}; tells nothing before that is done.
   *
   * @param onChange Called with the new values by id, an empty one is deleted, and
   *   with their version.
   */
  subscribe?(
    onChange: (changes: ReadonlyMap<string, Uint8Array>, version: number) => void,
  ): void;
}

/** A store can't be opened, read or written. */
export class StoreError extends Error {
  /** Which store. */
  readonly store: string;

  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param options The store, and the cause where there is one.
   */
  constructor(message: string, options: { store: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "StoreError";
    this.store = options.store;
  }
}
