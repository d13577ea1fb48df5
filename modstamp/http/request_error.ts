/** A request that can't be fulfilled. */
export class RequestError extends Error {
  /** The status to answer with (RFC 9110). */
  readonly status: number;
  /** What else to say in headers. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * @param message What could not be done and why.
   * @param options The status, headers, and where known the cause.
   */
  constructor(
    message: string,
    options: { status: number; headers?: Record<string, string>; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = "RequestError";
    this.status = options.status;
    this.headers = options.headers ?? {};
  }
}
