/** The variables of one session, in the form that they are stored in. */
export interface SessionDocument {
  /** How long the session lives without use in milliseconds, when it says so itself. */
  readonly maxAgeMs: number | null;
  /** The names of the variables, in order. */
  keys(): string[];
  /** Whether there is a variable. */
  has(key: string): boolean;
  /** A fresh copy of a variable, or `undefined` when there is none. */
  get(key: string): unknown;
  /** Sets a variable to what {@linkcode SessionCodec.freeze} gave. */
  put(key: string, frozen: unknown): void;
  /** Deletes a variable. */
  delete(key: string): void;
  /** The stored form: the very bytes it was made of, when nothing was changed. */
  encode(): Uint8Array<ArrayBuffer>;
}

/** What a codec read, or why it could not. */
export type SessionDecodeResult =
  | { readonly ok: true; readonly document: SessionDocument }
  | { readonly ok: false; readonly reason: string };

/**
 * A form that sessions are stored in. What a codec does not understand survives
 * a write of something else.
 */
export interface SessionCodec {
  /** What it is called in messages. */
  readonly name: string;
  /** A session without variables. */
  empty(): SessionDocument;
  /** Reads a stored session; never throws. */
  decode(bytes: Uint8Array): SessionDecodeResult;
  /**
   * Takes a copy of a value for {@linkcode SessionDocument.put}.
   *
   * @param key The name of the variable.
   * @param value Its value.
   * @throws {TypeError} When the form has nothing for such a value.
   * @throws {SessionNameError} When it can't store such a name.
   */
  freeze(key: string, value: unknown): unknown;
}
