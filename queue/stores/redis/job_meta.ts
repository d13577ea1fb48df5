import type { EventLoop } from "../../../loop/mod.ts";
import { EVENT_KINDS, type JobEvent, NO_EVENTS, withEvent } from "../../job_event.ts";
import type { JobState, NewJob, ReservedJob, StoredJob } from "../../stored_job.ts";
import { DEFAULT_PRIORITY, DEFAULT_TUBE } from "../../stored_job.ts";

const DEFAULT_TTR_MS = 60_000;

/** What Redis keeps of a job besides its body; what is absent is nothing. */
export interface JobMeta {
  /** Number. */
  readonly i: number;
  /** Tube. */
  readonly t: string;
  /** State. */
  readonly s: JobState;
  /** Priority. */
  readonly p: number;
  /** When it was pushed, in milliseconds since the epoch. */
  readonly c: number;
  /** The delay that it was last given. */
  readonly d: number;
  /** When it becomes ready, on the clock of Redis. */
  readonly y?: number;
  /** How long a reservation lasts. */
  readonly r: number;
  /** When a reservation ends, on the clock of Redis. */
  readonly u?: number;
  /** Attempts. */
  readonly a: number;
  /** Most attempts. */
  readonly m: number;
  /** Timeouts. */
  readonly to?: number;
  /** Releases. */
  readonly re?: number;
  /** Times it was buried. */
  readonly bu?: number;
  /** Times it was kicked. */
  readonly ki?: number;
  /** Key. */
  readonly k?: string;
  /** Concurrency key. */
  readonly q?: string;
  /** Why it was last released or buried. */
  readonly w?: string;
  /** What has happened to it: kind, when on the clock of Redis, attempts, and why. */
  readonly h?: readonly (readonly [number, number, number, string?])[];
  /** The number of its lease. */
  readonly l?: number;
}

/** What the script that takes jobs in is told of a job: see there. */
export function describeJob(job: NewJob, wallMs: number): unknown[] {
  const { tube = DEFAULT_TUBE, delayMs = 0, ttlMs = 0, keepResultMs = 0 } = job;
  const priority = Math.trunc(job.priority ?? DEFAULT_PRIORITY);
  const text = JSON.stringify({
    t: tube,
    p: priority,
    c: Math.trunc(wallMs),
    d: delayMs,
    r: job.ttrMs ?? DEFAULT_TTR_MS,
    a: 0,
    m: Math.trunc(job.maxAttempts ?? 0),
    k: job.key,
    q: job.concurrencyKey,
    o: keepResultMs > 0 ? keepResultMs : undefined,
  });
  return [job.body.length, tube, priority, delayMs, ttlMs, job.key ?? false, text];
}

/** What a store says about a job, at a time on the clock of Redis. */
export function viewOf(meta: JobMeta, body: Uint8Array, now: number): StoredJob {
  const until = meta.s === "delayed" ? meta.y : meta.s === "reserved" ? meta.u : undefined;
  return {
    id: meta.i,
    tube: meta.t,
    state: meta.s,
    body,
    priority: meta.p,
    createdAt: meta.c,
    delayMs: meta.d,
    ttrMs: meta.r,
    timeLeftMs: until === undefined ? 0 : Math.max(0, until - now),
    attempts: meta.a,
    maxAttempts: meta.m,
    timeouts: meta.to ?? 0,
    releases: meta.re ?? 0,
    buries: meta.bu ?? 0,
    kicks: meta.ki ?? 0,
    key: meta.k,
    concurrencyKey: meta.q,
    reason: meta.w,
    history: historyOf(meta),
  };
}

function historyOf({ h }: JobMeta): readonly JobEvent[] {
  if (h === undefined) return NO_EVENTS;
  return h.reduce<readonly JobEvent[]>(
    (history, [kind, at, attempts, reason]) =>
      withEvent(history, { kind: EVENT_KINDS[kind] ?? "released", at, attempts, reason }),
    NO_EVENTS,
  );
}

/** A reservation that Redis has given. */
export class RedisReservation implements ReservedJob {
  readonly #loop: EventLoop;
  readonly id: number;
  readonly tube: string;
  readonly state = "reserved";
  readonly body: Uint8Array;
  readonly priority: number;
  readonly createdAt: number;
  readonly delayMs: number;
  readonly ttrMs: number;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly timeouts: number;
  readonly releases: number;
  readonly buries: number;
  readonly kicks: number;
  readonly key: string | undefined;
  readonly concurrencyKey: string | undefined;
  readonly reason: string | undefined;
  readonly history: readonly JobEvent[];
  readonly lease: number;
  deadline: number;

  /**
   * @param meta The record.
   * @param options The body, the loop, and when the reservation began on its clock.
   */
  constructor(meta: JobMeta, options: { body: Uint8Array; loop: EventLoop; since: number }) {
    this.#loop = options.loop;
    this.id = meta.i;
    this.tube = meta.t;
    this.body = options.body;
    this.priority = meta.p;
    this.createdAt = meta.c;
    this.delayMs = meta.d;
    this.ttrMs = meta.r;
    this.attempts = meta.a;
    this.maxAttempts = meta.m;
    this.timeouts = meta.to ?? 0;
    this.releases = meta.re ?? 0;
    this.buries = meta.bu ?? 0;
    this.kicks = meta.ki ?? 0;
    this.key = meta.k;
    this.concurrencyKey = meta.q;
    this.reason = meta.w;
    this.history = historyOf(meta);
    this.lease = meta.l ?? 0;
    this.deadline = options.since + meta.r;
  }

  get timeLeftMs(): number {
    return Math.max(0, this.deadline - this.#loop.now());
  }
}

const DIGITS = 14;

/** The number of a job as Redis knows it, so that the order of texts is that of numbers. */
export function memberOf(id: number): string {
  return String(id).padStart(DIGITS, "0");
}
