import type { StreamError } from "../stream.ts";
import { streamFailure } from "../stream_failure.ts";
import { errnoOf } from "./errno.ts";

/** The error of a TLS handshake that failed with `cause`, when trying to do `attempt`. */
export function handshakeFailure(attempt: string, cause: unknown): StreamError {
  const errno = errnoOf(cause);
  const otherwise = { code: "tls" as const, reason: `the handshake failed: ${messageOf(cause)}` };
  return streamFailure(attempt, errno === "ENOTFOUND" ? undefined : errno, { cause, otherwise });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
