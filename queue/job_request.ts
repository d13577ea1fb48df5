import { encodeJobBody, isBackoff, type JobBody } from "./job_body.ts";
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_TIMEOUT_MS } from "./job_options.ts";
import { leaseMs } from "./lease_time.ts";
import type { NewJob } from "./stored_job.ts";

/** A job to be stored, or why there is none. */
export type JobRequestResult =
  | {
    /** Tells a success from a failure. */
    readonly ok: true;
    /** The job. */
    readonly job: NewJob;
  }
  | {
    /** Tells a failure from a success. */
    readonly ok: false;
    /** What is wrong, for people. */
    readonly reason: string;
  };

/** Options of {@linkcode readJobRequest}. */
export interface JobRequestOptions {
  /**
   * The JSON that the request was read from, which then is what is stored: not to be changed.
   *
   * @default {written anew}
   */
  readonly text?: Uint8Array;
}

const NUMBERS = [
  "priority",
  "delayMs",
  "maxAttempts",
  "timeoutMs",
  "ttlMs",
  "keepResultMs",
] as const;
const TEXTS = ["queue", "key", "concurrencyKey"] as const;

/** What a request may say, all unchecked. */
type Fields = Readonly<Record<(typeof NUMBERS)[number], number | undefined>>;
type Names = Readonly<Record<(typeof TEXTS)[number], string | undefined>>;

/**
 * Reads a request to store a job, as all ways into the server take it: an object with `job`, `data`
 * and the options of `push`.
 *
 * @param value The object, as JSON gives it.
 * @param options See {@linkcode JobRequestOptions}.
 * @returns What to store, its numbers not yet checked for their range; or what is wrong.
 */
export function readJobRequest(value: unknown, options: JobRequestOptions = {}): JobRequestResult {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("it is no object");
  }
  const request = value as Record<string, unknown>;
  if (typeof request.job !== "string" || request.job === "") return refuse("it names no job");
  for (const name of NUMBERS) {
    const number = request[name];
    if (number !== undefined && typeof number !== "number") {
      return refuse(`its ${name} is no number`);
    }
  }
  for (const name of TEXTS) {
    const text = request[name];
    if (text !== undefined && typeof text !== "string") return refuse(`its ${name} is no text`);
  }
  if (!isBackoff(request.backoff)) return refuse("its backoff is neither a number nor a rule");
  if (!((request.timeoutMs ?? 0) as number >= 0)) return refuse("its timeoutMs is below 0");
  const { job, data, maxAttempts, backoff, timeoutMs } = request as unknown as JobBody;
  const body = options.text ??
    encodeJobBody({ job, data, maxAttempts, backoff, timeoutMs });
  return { ok: true, job: compose(body, request as unknown as Fields & Names) };
}

function compose(body: Uint8Array, fields: Fields & Names): NewJob {
  return {
    body,
    tube: fields.queue,
    priority: fields.priority,
    delayMs: fields.delayMs,
    ttrMs: leaseMs(fields.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    maxAttempts: fields.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    ttlMs: fields.ttlMs,
    key: fields.key,
    concurrencyKey: fields.concurrencyKey,
    keepResultMs: fields.keepResultMs,
  };
}

function refuse(why: string): JobRequestResult {
  return { ok: false, reason: `Cannot take job as ${why}` };
}
