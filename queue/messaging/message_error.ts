/**
 * Why a message could not be sent or answered.
 *
 * - `full`: as many messages wait for a connection as may.
 * - `too-big`: the message is longer than this side takes.
 * - `lost`: the connection broke before the answer came. Whether the other side has acted on the
 *   request isn't known.
 * - `timeout`: the answer did not come in time. The other side may act on the request yet.
 * - `closed`: this side was closed.
 */
export type MessageErrorCode = "full" | "too-big" | "lost" | "timeout" | "closed";

/** A message could not be sent or answered. */
export class MessageError extends Error {
  /** What happened, for programs. */
  readonly code: MessageErrorCode;

  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param options The code.
   */
  constructor(message: string, options: { code: MessageErrorCode }) {
    super(message);
    this.name = "MessageError";
    this.code = options.code;
  }
}
