import type { JobOutcome } from "../../stored_job.ts";
import { ByteReader } from "./byte_reader.ts";
import { ByteWriter } from "./byte_writer.ts";

const VERSION = 1;
const STATES: readonly JobOutcome["state"][] = ["completed", "buried", "deleted", "expired"];
/** The largest result that is kept; of a larger one only that there was one is known. */
const MAX_RESULT_BYTES = 60_000;

/** Writes how a job ended, and until when that is kept, on the store's clock. */
export function encodeOutcome(outcome: JobOutcome, until: number): Uint8Array {
  const out = new ByteWriter(256);
  out.byte(VERSION);
  out.byte(STATES.indexOf(outcome.state));
  out.uint(Math.ceil(until));
  const text = outcome.state === "buried" ? outcome.reason : undefined;
  const result = outcome.state === "completed" ? outcome.result : undefined;
  const detail = result ?? (text === undefined ? undefined : new TextEncoder().encode(text));
  if (detail !== undefined && detail.length <= MAX_RESULT_BYTES) out.raw(detail);
  return out.take();
}

/** Reads how a job ended; `null` when the value doesn't tell, or is too old. */
export function decodeOutcome(value: unknown, storeMs: number): JobOutcome | null {
  if (!(value instanceof Uint8Array)) return null;
  const from = new ByteReader(value);
  if (from.byte() !== VERSION) return null;
  const state = STATES[from.byte()];
  if (from.uint() <= storeMs || from.failed || state === undefined) return null;
  const detail = value.subarray(from.offset);
  if (state === "completed") return { state, result: detail.length > 0 ? detail : undefined };
  if (state !== "buried") return { state };
  return { state, reason: detail.length > 0 ? new TextDecoder().decode(detail) : undefined };
}
