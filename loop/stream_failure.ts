import { StreamError, type StreamErrorCode } from "./stream.ts";

const CODES: Record<string, [StreamErrorCode, string]> = {
  ECONNRESET: ["reset", "the peer has reset the connection"],
  EPIPE: ["reset", "the peer has closed the connection"],
  ENOTCONN: ["reset", "the connection is gone"],
  ECONNABORTED: ["reset", "the connection was aborted"],
  ECONNREFUSED: ["refused", "nobody listens there"],
  ENOENT: ["refused", "there is no such socket"],
  ETIMEDOUT: ["timeout", "the peer doesn't answer"],
  EHOSTUNREACH: ["unreachable", "there is no way to the host"],
  ENETUNREACH: ["unreachable", "there is no way to the network"],
  EADDRNOTAVAIL: ["address", "no local address can be used"],
  ENOTFOUND: ["address", "the name has no address"],
};

/** Options of {@linkcode streamFailure}. */
export interface StreamFailureOptions {
  /** What the system said. */
  cause?: unknown;
  /** Stands in where `errno` is none of the known ones. */
  otherwise?: { code: StreamErrorCode; reason: string };
}

/**
 * The error of a stream for an error number of the system.
 *
 * @param attempt What could not be done, such as `read from stream`.
 * @param errno The name of the error number, such as `ECONNRESET`; undefined when there is none.
 * @param options See {@linkcode StreamFailureOptions}.
 */
export function streamFailure(
  attempt: string,
  errno: string | undefined,
  options: StreamFailureOptions = {},
): StreamError {
  const { cause, otherwise } = options;
  const [code, reason] = CODES[errno ?? ""] ??
    [otherwise?.code ?? "failed", otherwise?.reason ?? `the system says ${errno ?? cause}`];
  return new StreamError(`Cannot ${attempt} as ${reason}`, { code, cause });
}
