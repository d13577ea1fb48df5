/** A form that messages of WAMP v2 are sent in. Pure: no I/O, and no exception for what comes. */
export interface Serializer {
  /** The subprotocol that asks for it. */
  readonly subprotocol: string;
  /**
   * Writes a message.
   *
   * @throws {TypeError} When the form has nothing for a value in it.
   */
  encode(message: readonly unknown[]): string | Uint8Array;
  /** Reads a message; `undefined` when it is malformed. */
  decode(data: string | Uint8Array): unknown;
}

/** Values that are nested deeper are refused. */
export const MAX_DEPTH = 128;

/** Whether lists and dictionaries are nested deeper than allowed. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null && !ArrayBuffer.isView(each)
        ? Object.values(each)
        : []
    );
    if (level.length === 0) return false;
  }
  return true;
}
