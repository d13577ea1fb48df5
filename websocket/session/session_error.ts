/** A store of sessions can't be opened, read or written. */
export class SessionStoreError extends Error {
  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param options The cause, where there is one.
   */
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "SessionStoreError";
  }
}

/** A stored session is not what its codec can read. It stays as it is. */
export class SessionFormatError extends Error {
  /** The name of the codec. */
  readonly codec: string;

  /**
   * Makes the error.
   *
   * @param reason What is wrong.
   * @param options The name of the codec.
   */
  constructor(reason: string, options: { codec: string }) {
    super(`Cannot read session as ${options.codec}: ${reason}`);
    this.name = "SessionFormatError";
    this.codec = options.codec;
  }
}

/** A session was destroyed, or has expired, since it was opened; it is not brought back. */
export class SessionGoneError extends Error {
  /** Makes the error. */
  constructor() {
    super("Cannot save session as it was destroyed or has expired");
    this.name = "SessionGoneError";
  }
}

/** Others wrote a session again and again while it was to be saved; the changes are kept. */
export class SessionConflictError extends Error {
  /** How often it was tried. */
  readonly attempts: number;

  /**
   * Makes the error.
   *
   * @param attempts How often it was tried.
   */
  constructor(attempts: number) {
    super(`Cannot save session as others wrote it during each of ${attempts} attempts`);
    this.name = "SessionConflictError";
    this.attempts = attempts;
  }
}
