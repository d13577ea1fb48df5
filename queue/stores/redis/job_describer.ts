import { DEFAULT_PRIORITY, DEFAULT_TUBE, type NewJob } from "../../stored_job.ts";
import type { Operation } from "./operation.ts";

const encoder = new TextEncoder();
const DEFAULT_TTR_MS = 60_000;

/** What is told of a job besides the job itself. */
export interface PushDetails {
  /** When it is pushed, in milliseconds since the epoch. */
  wallMs: number;
  /** Whether it is stored even if the store is full. */
  isForced?: boolean;
}

/** Tells the script that takes jobs in what they are: see there. */
export class JobDescriber {
  #plain: readonly [string, ...unknown[]] = ["plain"];
  #prefix = new Uint8Array();
  #last: NewJob | null = null;
  #lastMs = 0;

  /** Describes a job; those that are alike share their description, by which they go together. */
  describe(job: NewJob, { wallMs, isForced = false }: PushDetails): Operation {
    const bytes = job.body;
    if (!isPlain(job)) return { op: ["push", isForced, ...describeAll(job, wallMs)], bytes };
    const ms = Math.trunc(wallMs);
    const last = this.#last;
    if (last === null || ms !== this.#lastMs || isForced !== this.#plain[1] || !isLike(last, job)) {
      this.#last = { ...job, body: this.#prefix };
      this.#lastMs = ms;
      this.#plain = ["plain", isForced, job.tube ?? DEFAULT_TUBE, priorityOf(job)];
      this.#prefix = encoder.encode(`${textOf(job, ms)}\n`);
    }
    const prefix = this.#prefix;
    return { op: this.#plain, each: [prefix.length + bytes.length], prefix, bytes };
  }
}

function isLike(one: NewJob, other: NewJob): boolean {
  return one.tube === other.tube && one.priority === other.priority &&
    one.ttrMs === other.ttrMs && one.maxAttempts === other.maxAttempts;
}

/** Describes a job that goes with a tick of a schedule. */
export function describeTick(
  job: NewJob,
  { schedule, tick, wallMs }: { schedule: string; tick: number; wallMs: number },
): Operation {
  return { op: ["tick", schedule, tick, ...describeAll(job, wallMs)], bytes: job.body };
}

function describeAll(job: NewJob, wallMs: number): readonly unknown[] {
  const { body, tube = DEFAULT_TUBE, delayMs = 0, ttlMs = 0, key = false } = job;
  return [body.length, tube, priorityOf(job), delayMs, ttlMs, key, textOf(job, wallMs)];
}

/** Whether there is nothing to do for a job but to keep it until somebody takes it. */
function isPlain(job: NewJob): boolean {
  const { delayMs = 0, ttlMs = 0, keepResultMs = 0, key, concurrencyKey } = job;
  return delayMs + ttlMs + keepResultMs === 0 && key === undefined && concurrencyKey === undefined;
}

function priorityOf({ priority = DEFAULT_PRIORITY }: NewJob): number {
  return Math.trunc(priority);
}

/** The record of a job; one that tells no state is as it was pushed. */
function textOf(job: NewJob, wallMs: number): string {
  const { delayMs = 0, keepResultMs = 0 } = job;
  return JSON.stringify({
    t: job.tube ?? DEFAULT_TUBE,
    s: isPlain(job) ? undefined : delayMs > 0 ? "delayed" : "ready",
    p: priorityOf(job),
    c: Math.trunc(wallMs),
    d: delayMs,
    r: job.ttrMs ?? DEFAULT_TTR_MS,
    a: 0,
    m: Math.trunc(job.maxAttempts ?? 0),
    k: job.key,
    q: job.concurrencyKey,
    o: keepResultMs > 0 ? keepResultMs : undefined,
  });
}
