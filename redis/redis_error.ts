/**
 * Why Redis did not do what was asked: there is no connection (`offline`), it did not answer in
 * time (`timeout`), it has refused the password or the user (`refused`), its memory is `full`, too
 * many calls wait already (`busy`), it answered with some other error (`reply`), or the connection
 * was `closed` here. After `offline` and `timeout` the command may have been carried out.
 */
export type RedisErrorCode =
  | "offline"
  | "timeout"
  | "refused"
  | "full"
  | "busy"
  | "reply"
  | "closed";

/** Redis did not do what was asked. Its message holds no password. */
export class RedisError extends Error {
  /** What happened, for programs. */
  readonly code: RedisErrorCode;

  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param options The code and, where known, the cause.
   */
  constructor(message: string, options: { code: RedisErrorCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "RedisError";
    this.code = options.code;
  }
}
