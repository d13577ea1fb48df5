import { JobTooBigError } from "../job_too_big_error.ts";
import { DEFAULT_PRIORITY, MAX_PRIORITY, type NewJob } from "../stored_job.ts";
import type { JobRecord } from "./job_record.ts";

const DEFAULT_TTR_MS = 60_000;
const MAX_NAME_LENGTH = 200;
const MAX_KEY_LENGTH = 512;
const MAX_ATTEMPTS = 0xffff_ffff;
/** Keeps sums of a time and a duration exact. */
const MAX_DURATION_MS = 2 ** 51;

/** Refuses a number out of range. */
export function checkRange(name: string, value: number, max: number): void {
  if (value >= 0 && value <= max) return;
  throw new RangeError(`Cannot take ${name} as it is not from 0 to ${max}: received ${value}`);
}

function checkLength(name: string, text: string | undefined, max: number): void {
  if (text === undefined || (text.length > 0 && text.length <= max)) return;
  throw new RangeError(
    `Cannot take ${name} as it must have 1 to ${max} characters: received ${text.length}`,
  );
}

/** Checks a job that is pushed, so that making its record can't fail. */
export function checkNewJob(job: NewJob, maxBytes: number): void {
  if (job.body.length > maxBytes) throw new JobTooBigError(job.body.length, maxBytes);
  checkLength("tube", job.tube, MAX_NAME_LENGTH);
  checkLength("key", job.key, MAX_KEY_LENGTH);
  checkLength("concurrencyKey", job.concurrencyKey, MAX_KEY_LENGTH);
  checkRange("priority", job.priority ?? 0, MAX_PRIORITY);
  checkRange("maxAttempts", job.maxAttempts ?? 0, MAX_ATTEMPTS);
  checkRange("delayMs", job.delayMs ?? 0, MAX_DURATION_MS);
  checkRange("ttrMs", job.ttrMs ?? 0, MAX_DURATION_MS);
  checkRange("ttlMs", job.ttlMs ?? 0, MAX_DURATION_MS);
  checkRange("keepResultMs", job.keepResultMs ?? 0, MAX_DURATION_MS);
}

/** When a job is pushed, in milliseconds since the Unix epoch. */
export interface PushTime {
  /** As the machine believes. */
  wallMs: number;
  /** As the store's clock shows, by which delays and expiries are told. */
  storeMs: number;
}

/** Fills the record of a job that is pushed. */
export function fillRecord<T extends JobRecord>(record: T, job: NewJob, time: PushTime): T {
  const { delayMs = 0, ttlMs = 0 } = job;
  record.priority = Math.trunc(job.priority ?? DEFAULT_PRIORITY);
  record.createdAt = time.wallMs;
  record.ttrMs = job.ttrMs ?? DEFAULT_TTR_MS;
  record.maxAttempts = Math.trunc(job.maxAttempts ?? 0);
  record.keepResultMs = job.keepResultMs ?? 0;
  record.key = job.key;
  record.concurrencyKey = job.concurrencyKey;
  if (ttlMs > 0) record.expiresAt = time.storeMs + ttlMs;
  if (delayMs > 0) {
    record.state = "delayed";
    record.delayMs = delayMs;
    record.readyAt = time.storeMs + delayMs;
  }
  return record;
}
