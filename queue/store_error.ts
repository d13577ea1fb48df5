/**
 * Why a store could not do what was asked: it was `closed`, its database has
 * `failed` (a full disk; the next try may succeed), it has `lost` its file to
 * another owner, or what the file holds is `corrupt`.
 */
export type StoreErrorCode = "closed" | "failed" | "lost" | "corrupt";

/** A store could not do what was asked. */
export class StoreError extends Error {
  /** What happened, for programs. */
  readonly code: StoreErrorCode;

  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param options The code and, where known, the cause.
   */
  constructor(message: string, options: { code: StoreErrorCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "StoreError";
    this.code = options.code;
  }
}
