/**
 * Modstamps as a gateway needs them, wherever they come from: a `ModstampServer`, or a
 * `StoreSource` where there is no such server.
 */
export interface ModstampSource {
  /** The durable value of `id`; `undefined` when it has none. */
  value(id: string): Uint8Array | undefined;

  /**
   * Changes values.
   *
   * @param changes The new values by id; an empty one deletes.
   * @returns Once they are durable.
   * @throws {RangeError} When an id or a value is invalid.
   * @throws {StoreError} When they could not be stored, or only in part.
   */
  change(changes: ReadonlyMap<string, Uint8Array>): Promise<void>;

  /**
   * Has `onChange` called with each value that is new and durable, whoever has changed it.
   *
   * @returns Ends it.
   */
  watch(onChange: ValueListener): Disposable;
}

/** Called with an id and its new value, an empty one when it was deleted. */
export type ValueListener = (id: string, value: Uint8Array) => void;
