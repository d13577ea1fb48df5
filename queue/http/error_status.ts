import { JobTooBigError } from "../job_too_big_error.ts";
import { QueueFullError } from "../queue_full_error.ts";
import { StoreError } from "../store_error.ts";
import { RequestError } from "./request_error.ts";

/** The status that tells of an error (RFC 9110); `undefined` for one that nobody expects. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof RequestError) return error.status;
  if (error instanceof RangeError) return 400;
  if (error instanceof JobTooBigError) return 413;
  return error instanceof QueueFullError || error instanceof StoreError ? 503 : undefined;
}
