import type { EventLoop } from "../../../loop/mod.ts";
import { EVENT_KINDS, type JobEvent, NO_EVENTS, withEvent } from "../../job_event.ts";
import type { JobState, ReservedJob, StoredJob } from "../../stored_job.ts";

/** What Redis keeps of a job besides its body; what is absent is nothing. */
export interface JobMeta {
  /** Tube. */
  readonly t: string;
  /** State; absent of a job that is as it was pushed. */
  readonly s?: JobState;
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

/** What a store says about a job, at a time on the clock of Redis. */
export function viewOf({ id, meta, body }: ToldJob & { meta: JobMeta }, now: number): StoredJob {
  const until = meta.s === "delayed" ? meta.y : meta.s === "reserved" ? meta.u : undefined;
  return {
    id,
    tube: meta.t,
    state: meta.s ?? "ready",
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

/** A job as Redis tells of it. */
export interface ToldJob {
  readonly id: number;
  /** `null` for what has no record. */
  readonly meta: JobMeta | null;
  readonly body: Uint8Array;
}

/** A reservation that Redis has given. What it says of the job is read when somebody asks. */
export class RedisReservation implements ReservedJob {
  readonly #loop: EventLoop;
  readonly #meta: JobMeta;
  readonly id: number;
  readonly body: Uint8Array;
  readonly lease: number;
  deadline: number;

  /**
   * @param job The job; what is as it was pushed doesn't tell that it is reserved.
   * @param options The number of the lease, the loop, and when it began on its clock.
   */
  constructor(
    { id, meta, body }: ToldJob & { meta: JobMeta },
    { lease, loop, since }: { lease: number; loop: EventLoop; since: number },
  ) {
    this.#loop = loop;
    this.#meta = meta;
    this.id = id;
    this.body = body;
    this.lease = lease;
    this.deadline = since + meta.r;
  }

  get state(): "reserved" {
    return "reserved";
  }

  get tube(): string {
    return this.#meta.t;
  }

  get priority(): number {
    return this.#meta.p;
  }

  get createdAt(): number {
    return this.#meta.c;
  }

  get delayMs(): number {
    return this.#meta.d;
  }

  get ttrMs(): number {
    return this.#meta.r;
  }

  get attempts(): number {
    return this.#meta.s === undefined ? this.#meta.a + 1 : this.#meta.a;
  }

  get maxAttempts(): number {
    return this.#meta.m;
  }

  get timeouts(): number {
    return this.#meta.to ?? 0;
  }

  get releases(): number {
    return this.#meta.re ?? 0;
  }

  get buries(): number {
    return this.#meta.bu ?? 0;
  }

  get kicks(): number {
    return this.#meta.ki ?? 0;
  }

  get key(): string | undefined {
    return this.#meta.k;
  }

  get concurrencyKey(): string | undefined {
    return this.#meta.q;
  }

  get reason(): string | undefined {
    return this.#meta.w;
  }

  get history(): readonly JobEvent[] {
    return historyOf(this.#meta);
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
