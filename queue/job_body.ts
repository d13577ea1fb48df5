import { JobLineDecoder } from "../php/mod.ts";
import type { Backoff } from "./backoff.ts";

/** What the body of a job says. */
export interface JobBody {
  /** The name of the job. */
  readonly job: string;
  /** Its data. */
  readonly data: unknown;
  /** The number of attempts that it was pushed with. */
  readonly maxAttempts?: number;
  /** The backoff that it was pushed with. */
  readonly backoff?: Backoff | number;
  /** The time that it was pushed with. */
  readonly timeoutMs?: number;
  /** The trace that it was pushed in, when that is observed: as of W3C Trace Context. */
  readonly traceparent?: string;
}

/** A body that was read, or what is wrong with it. */
export type JobBodyResult =
  | { readonly ok: true; readonly body: JobBody }
  | { readonly ok: false; readonly reason: string };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const PHP_OBJECT = "O".charCodeAt(0);

/**
 * Writes the body of a job: one object of JSON.
 *
 * @throws {TypeError} When JSON can't hold the data.
 */
export function encodeJobBody(body: JobBody): Uint8Array<ArrayBuffer> {
  return encoder.encode(JSON.stringify(body));
}

/** Reads bodies of jobs, be they of JSON or serialized by PHP. */
export class JobBodyDecoder {
  readonly #php: JobLineDecoder;

  /**
   * Sets up what passes.
   *
   * @param phpClasses The names of jobs by the classes that PHP has for them.
   */
  constructor(phpClasses: Readonly<Record<string, string>>) {
    this.#php = new JobLineDecoder({ jobs: phpClasses });
  }

  /** Reads a body. */
  decode(bytes: Uint8Array): JobBodyResult {
    if (bytes[0] === PHP_OBJECT) return this.#decodePhp(bytes);
    let value: unknown;
    try {
      value = JSON.parse(decoder.decode(bytes));
    } catch (error) {
      return wrong(error instanceof SyntaxError ? "it is no JSON" : "it is not UTF-8");
    }
    if (typeof value !== "object" || value === null) return wrong("it is no object");
    const { job, data, maxAttempts, backoff, timeoutMs, traceparent } = value as Record<
      string,
      unknown
    >;
    if (typeof job !== "string") return wrong("it names no job");
    const limits = { maxAttempts, timeoutMs };
    for (const [name, limit] of Object.entries(limits)) {
      const isFit = limit === undefined || (typeof limit === "number" && limit >= 0);
      if (!isFit) return wrong(`its ${name} is no number from 0`);
    }
    if (!isBackoff(backoff)) return wrong("its backoff is neither a number nor a rule");
    const trace = typeof traceparent === "string" ? { traceparent } : {};
    return { ok: true, body: { job, data, ...limits, backoff, ...trace } as JobBody };
  }

  #decodePhp(bytes: Uint8Array): JobBodyResult {
    const result = this.#php.decode(bytes);
    if (!result.ok) return wrong(`of PHP: ${result.error.reason}`);
    return { ok: true, body: { job: result.job, data: result.data } };
  }
}

/** Whether a value that came from elsewhere is a backoff, or none. */
export function isBackoff(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value === "number") return value >= 0;
  return typeof value === "object" && value !== null &&
    Object.values(value).every((each) => typeof each === "number" && each >= 0);
}

function wrong(why: string): JobBodyResult {
  return { ok: false, reason: `Cannot read job as ${why}` };
}
