/** A value that `JSON.stringify()` writes and `JSON.parse()` reads again without loss. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | { [name: string]: JsonValue };

/** Why a value cannot go into JSON. */
export interface JsonError {
  /** The names and indexes that lead to what is wrong. */
  readonly path: readonly (string | number)[];
  /** What is wrong, for people. */
  readonly reason: string;
}

/** A value for JSON, or why there is none. */
export type JsonResult =
  | {
    /** Tells a success from a failure. */
    readonly ok: true;
    /** The value. */
    readonly value: JsonValue;
  }
  | {
    /** Tells a failure from a success. */
    readonly ok: false;
    /** What is wrong. */
    readonly error: JsonError;
  };
