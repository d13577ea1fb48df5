/** A request that can't be fulfilled. */
export class RequestError extends Error {
  /** The status to answer with (RFC 9110). */
  readonly status: number;

  /**
   * @param message What could not be done and why.
   * @param options The status, and where known the cause.
   */
  constructor(message: string, options: { status: number; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "RequestError";
    this.status = options.status;
  }
}
