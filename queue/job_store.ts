import type { JobOutcome, JobState, NewJob, ReservedJob, StoredJob } from "./stored_job.ts";
import type { StoreError } from "./store_error.ts";
import type { StoreStats, TubeStats } from "./store_stats.ts";

/** What became of a pushed job. */
export interface PushReceipt {
  /** The number of the job, or of the earlier one with the same key. */
  readonly id: number;
  /** Whether a job with the same key was there already, so that this one was not stored. */
  readonly duplicate: boolean;
}

/** Options of whatever waits. */
export interface WaitOptions {
  /** Gives up waiting. */
  signal?: AbortSignal;
}

/** Options of {@linkcode JobSource.reserve}. */
export interface ReserveOptions extends WaitOptions {
  /** The tubes to take from: the most urgent job of all of them comes first. */
  tubes: readonly string[];
  /**
   * Most jobs to take.
   *
   * @default {1}
   */
  max?: number;
  /**
   * How long to wait for the first job in milliseconds; 0 for not at all.
   *
   * @default {Infinity}
   */
  timeoutMs?: number;
  /**
   * Whether the attempt is durable before the job is given out, so that a job that kills its
   * process is counted exactly. Otherwise it becomes durable a moment later.
   *
   * @default {true}
   */
  durable?: boolean;
}

/** Options of {@linkcode JobSource.complete}. */
export interface CompleteOptions {
  /**
   * What the job produced, for those who wait for it.
   *
   * @default {none}
   */
  result?: Uint8Array;
}

/** Options of {@linkcode JobSource.release}. */
export interface ReleaseOptions {
  /**
   * The new priority.
   *
   * @default {the present one}
   */
  priority?: number;
  /**
   * Milliseconds until it becomes ready again.
   *
   * @default {0}
   */
  delayMs?: number;
  /**
   * Why it was released; kept with the job, cut to 1,024 characters.
   *
   * @default {none}
   */
  reason?: string;
  /**
   * Whether the reservation counts as an attempt; not so when the worker only had no time for it.
   *
   * @default {true}
   */
  counted?: boolean;
}

/** Options of {@linkcode JobSource.bury}. */
export type BuryOptions = Pick<ReleaseOptions, "priority" | "reason">;

/** Told of what happens to one job. */
export interface JobObserver {
  /** The worker has reported how far it is. */
  progress?(value: Uint8Array): void;
  /** The job has ended; the last call. */
  settled?(outcome: JobOutcome): void;
  /** The store was closed or lost, so that nothing more is known; the last call. */
  lost?(error: StoreError): void;
}

/** Options of {@linkcode JobSink.push}. */
export interface SinkOptions {
  /**
   * Stores the job even if the store is full, for those that can't be left with anybody else.
   *
   * @default {false}
   */
  overLimit?: boolean;
}

/** What takes jobs in. */
export interface JobSink {
  /**
   * Stores a job.
   *
   * @param job The job.
   * @param options See {@linkcode SinkOptions}.
   * @returns Once the job is durable, as far as the store is.
   * @throws {QueueFullError} When the store holds as many jobs as it may.
   * @throws {JobTooBigError} When the body is larger than the store takes.
   * @throws {RangeError} When an option is out of range.
   * @throws {StoreError} When the store has failed, was closed or has lost its file to another.
   */
  push(job: NewJob, options?: SinkOptions): Promise<PushReceipt>;
  /**
   * Stores jobs in their order. When it fails, those at the front may have been stored.
   *
   * @throws What {@linkcode push} throws.
   */
  pushMany(jobs: readonly NewJob[]): Promise<PushReceipt[]>;
}

/**
 * What gives jobs out to workers. Verbs on a reserved job answer `false` when
 * the reservation is over, and reject when the store has failed; then
 * nothing has changed, and they can be tried again.
 */
export interface JobSource {
  /**
   * How many calls of {@linkcode reserve} it works on at a time, so that there is always one for it
   * to do while the jobs of another are run.
   *
   * @default {1}
   */
  readonly reservesAtOnce?: number;
  /**
   * Reserves the most urgent ready jobs, waiting for the first if there is none.
   *
   * @returns Up to `max` jobs; none when the time was up.
   * @throws The reason of `signal` when it is aborted before.
   * @throws {StoreError} When the store was closed.
   */
  reserve(options: ReserveOptions): Promise<ReservedJob[]>;
  /** Ends a reserved job for good. */
  complete(job: ReservedJob, options?: CompleteOptions): Promise<boolean>;
  /** Gives a reserved job back; one whose attempts are used up is buried. */
  release(job: ReservedJob, options?: ReleaseOptions): Promise<boolean>;
  /** Puts a reserved job among the dead letters. */
  bury(job: ReservedJob, options?: BuryOptions): Promise<boolean>;
  /** Starts the time of a reservation anew. */
  touch(job: ReservedJob): Promise<boolean>;
  /** Tells those who observe the job how far it is. */
  progress(job: ReservedJob, value: Uint8Array): Promise<boolean>;
}

/**
 * Keeps jobs. All times are those of the loop that the store was given; a
 * reservation that runs out gives its job back, or buries it when the
 * attempts are used up.
 */
export interface JobStore extends JobSink, JobSource, AsyncDisposable {
  /** Reserves one job in whatever state but reserved; `null` when there is none. */
  reserveJob(id: number, options?: { durable?: boolean }): Promise<ReservedJob | null>;
  /** Ends a job that is ready, delayed or buried; `false` when there is none. */
  delete(id: number): Promise<boolean>;
  /**
   * Makes buried jobs ready, in the order in which they were buried; when there are none, delayed
   * ones, those that are due first. Kicked jobs with a limit have all their attempts again.
   *
   * @param tube The tube.
   * @param count How many at most.
   * @returns How many it were.
   */
  kick(tube: string, count: number): Promise<number>;
  /** Makes one buried or delayed job ready; `false` when there is none. */
  kickJob(id: number): Promise<boolean>;
  /** Looks at a job; `null` when there is none. */
  peek(id: number): Promise<StoredJob | null>;
  /** Looks at the job of a tube that is next in a state: ready, due or to be kicked first. */
  peekNext(tube: string, state: Exclude<JobState, "reserved">): Promise<StoredJob | null>;
  /**
   * Looks at jobs of a tube in a state, for people: in the order in which they were stored.
   *
   * @param tube The tube.
   * @param options Which state and how many; `after` is the last id of the page before.
   */
  list(tube: string, options: ListOptions): Promise<StoredJob[]>;
  /**
   * Gives no job of the tube out for a while.
   *
   * @param tube The tube.
   * @param durationMs How long; 0 ends the pause, `Infinity` lasts until then.
   */
  pause(tube: string, durationMs: number): Promise<void>;
  /** The tubes that hold jobs, or are paused. */
  tubes(): string[];
  /** What a tube holds and has counted; `null` when it is none of {@linkcode tubes}. */
  tubeStats(tube: string): TubeStats | null;
  /** What the store holds and has counted. */
  stats(): StoreStats;
  /** Waits until a tube holds no job that is ready, delayed or reserved. */
  whenEmpty(tube: string, options?: WaitOptions): Promise<void>;
  /** Waits until the store takes jobs again. */
  whenRoom(options?: WaitOptions): Promise<void>;
  /**
   * Tells of what happens to a job from now on. When the job has ended
   * already and its outcome is still known, the observer is told of it.
   *
   * @returns Stops telling.
   */
  observe(id: number, observer: JobObserver): Disposable;
  /**
   * What has become of a job that has ended: `null` while it has not, or when that is not known
   * any longer.
   */
  outcome(id: number): Promise<JobOutcome | null>;
  /**
   * Takes one tick of a schedule, so that of several schedulers only one pushes its job.
   *
   * @param schedule The name of the schedule.
   * @param tick When the tick is, in milliseconds since the Unix epoch.
   * @param job The job, stored together with the tick.
   * @returns `false` when this tick or a later one was taken before.
   */
  pushTick(schedule: string, tick: number, job: NewJob): Promise<boolean>;
  /** Closes at once: what waits is rejected, and what was acknowledged is kept. */
  close(): void;
}

/** Options of {@linkcode JobStore.list}. */
export interface ListOptions {
  /** The state to look at. */
  state: JobState;
  /**
   * Most jobs to return.
   *
   * @default {100}
   */
  limit?: number;
  /**
   * Leaves out all up to and with this id.
   *
   * @default {0}
   */
  after?: number;
}
