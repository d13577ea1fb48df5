import type { JobEvent } from "./job_event.ts";

/**
 * Where a stored job stands: `ready` to be reserved, `delayed` until its time
 * comes, `reserved` by a worker, or `buried` as a dead letter.
 */
export type JobState = "ready" | "delayed" | "reserved" | "buried";

/** The tube of jobs that name none. */
export const DEFAULT_TUBE = "default";

/** The priority of jobs that name none; 0 is the most urgent. */
export const DEFAULT_PRIORITY = 1024;

/** Jobs with a priority below this one are counted as urgent. */
export const URGENT_BELOW = 1024;

/** The greatest priority number, which is the least urgent priority. */
export const MAX_PRIORITY = 0xffff_ffff;

/** A job to be stored. */
export interface NewJob {
  /** What the job is, in whatever form its worker understands. */
  readonly body: Uint8Array;
  /**
   * The tube that it waits in.
   *
   * @default {"default"}
   */
  readonly tube?: string;
  /**
   * From 0, the most urgent, to 4,294,967,295. Jobs of one priority keep their order.
   *
   * @default {1024}
   */
  readonly priority?: number;
  /**
   * Milliseconds until the job becomes ready.
   *
   * @default {0}
   */
  readonly delayMs?: number;
  /**
   * How long a reservation lasts in milliseconds, unless it is touched (the time to run).
   *
   * @default {60_000}
   */
  readonly ttrMs?: number;
  /**
   * Reservations after which the store buries the job instead of giving it
   * out again, be it after a lease that ran out or a crash; 0 for no limit.
   *
   * @default {0}
   */
  readonly maxAttempts?: number;
  /**
   * Milliseconds after which a job that nobody has reserved is dropped; 0 for never.
   *
   * @default {0}
   */
  readonly ttlMs?: number;
  /**
   * While a job with this key waits or runs in the tube, further ones with it are not stored.
   * A job that is buried loses its key.
   *
   * @default {none}
   */
  readonly key?: string;
  /**
   * Of the jobs with this key in a tube, at most one is reserved at a time.
   *
   * @default {none}
   */
  readonly concurrencyKey?: string;
  /**
   * How long the outcome can be asked for after the end, whatever process asks and even after a
   * restart; 0 keeps only what is being waited for, and the latest ones for a while.
   *
   * @default {0}
   */
  readonly keepResultMs?: number;
}

/** What a store says about a job; a snapshot. */
export interface StoredJob {
  /** The number of the job, unique in its store. */
  readonly id: number;
  /** The tube that it is in. */
  readonly tube: string;
  /** Where it stands. */
  readonly state: JobState;
  /** What was pushed. Not to be changed. */
  readonly body: Uint8Array;
  /** From 0, the most urgent, to 4,294,967,295. */
  readonly priority: number;
  /** When it was pushed, in milliseconds since the Unix epoch. */
  readonly createdAt: number;
  /** The delay that it was last given, in milliseconds. */
  readonly delayMs: number;
  /** How long a reservation lasts, in milliseconds. */
  readonly ttrMs: number;
  /** Until a delayed job becomes ready, or a reservation ends, in milliseconds; 0 otherwise. */
  readonly timeLeftMs: number;
  /** How often it was reserved, the present reservation included. */
  readonly attempts: number;
  /** Reservations after which the store buries it; 0 for no limit. */
  readonly maxAttempts: number;
  /** How often a reservation ran out, or its holder was lost. */
  readonly timeouts: number;
  /** How often it was released. */
  readonly releases: number;
  /** How often it was buried. */
  readonly buries: number;
  /** How often it was kicked. */
  readonly kicks: number;
  /** The key that further jobs are compared with. */
  readonly key: string | undefined;
  /** Of the jobs with this key, at most one is reserved at a time. */
  readonly concurrencyKey: string | undefined;
  /** Why it was last released or buried, if that was told. */
  readonly reason: string | undefined;
  /** The last eight times that it was given back, lost, buried or kicked; the latest last. */
  readonly history: readonly JobEvent[];
}

/**
 * A job that the holder of this object has reserved. The reservation is over
 * when the job was completed, released or buried, or when the deadline has passed.
 */
export interface ReservedJob extends StoredJob {
  /** Tells this reservation from others of the same job. */
  readonly lease: number;
  /** When the reservation runs out, on the loop's monotonic clock; later after a touch. */
  readonly deadline: number;
}

/** How a job ended. */
export type JobOutcome =
  /** It was completed, with what its worker returned. */
  | { readonly state: "completed"; readonly result: Uint8Array | undefined }
  /** It was given up, as the reason tells. */
  | { readonly state: "buried"; readonly reason: string | undefined }
  /** It was deleted, or had waited longer than its `ttlMs`. */
  | { readonly state: "deleted" | "expired" };
