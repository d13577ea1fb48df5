import { EventLoop } from "../../loop/mod.ts";
import { RedisConnection, type RedisConnectionOptions, RedisError } from "../../redis/mod.ts";
import type {
  BuryOptions,
  CompleteOptions,
  JobObserver,
  JobStore,
  ListOptions,
  PushReceipt,
  ReleaseOptions,
  ReserveOptions,
  SinkOptions,
  WaitOptions,
} from "../job_store.ts";
import { QueueFullError } from "../queue_full_error.ts";
import { StoreError } from "../store_error.ts";
import type { StoreStats, TubeStats } from "../store_stats.ts";
import {
  type JobOutcome,
  type JobState,
  MAX_PRIORITY,
  type NewJob,
  type ReservedJob,
  type StoredJob,
} from "../stored_job.ts";
import { checkNewJob, checkRange } from "./new_record.ts";
import { RedisEngine, TAKES_AT_ONCE } from "./redis/engine.ts";
import { describeTick, JobDescriber } from "./redis/job_describer.ts";
import { memberOf, RedisReservation, viewOf } from "./redis/job_meta.ts";
import { readKeptOutcome } from "./redis/news.ts";
import type { Answer } from "./redis/operation.ts";

const MAX_REASON_LENGTH = 1024;
/** More would keep Redis from all else for long. */
const MAX_KICKS = 10_000;

/** One array for all, by which completions go together. */
const COMPLETE = ["complete"];

/** Options of {@linkcode RedisJobStore}. */
export interface RedisJobStoreOptions {
  /**
   * What the keys begin with. Stores with the same are one.
   *
   * @default {"queue"}
   */
  prefix?: string;
  /**
   * The loop whose clock the store lives by; what the clock of Redis is ahead of it is made up for.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * Most jobs in all states together.
   *
   * @default {20_000_000}
   */
  maxJobs?: number;
  /**
   * Largest body of a job in bytes.
   *
   * @default {16_777_216}
   */
  maxJobBytes?: number;
  /**
   * How often counters and clock of Redis are read, in milliseconds, besides what every answer
   * says.
   *
   * @default {5000}
   */
  refreshMs?: number;
  /**
   * How many replicas must have a change before it is acknowledged, so that it survives a failover
   * to one of them.
   *
   * @default {0}
   */
  replicas?: number;
}

/**
 * Keeps jobs in Redis, for any number of owners on several machines at once. Functions in Redis
 * take, give out and end jobs in batches: what comes while one is under way forms the next. A job
 * is as durable as Redis is set up to keep it: with `appendonly yes` and `appendfsync always`
 * nothing acknowledged is lost.
 *
 * @example Push and reserve
 * ```ts ignore
 * import { RedisJobStore } from "@sluice/sluice/queue";
 *
 * await using store = await RedisJobStore.open("redis://localhost");
 * await store.push({ body: new TextEncoder().encode("hello") });
 * const [job] = await store.reserve({ tubes: ["default"] });
 * await store.complete(job);
 * ```
 */
export class RedisJobStore implements JobStore {
  /** While Redis looks for jobs, others are run. */
  readonly reservesAtOnce: number = TAKES_AT_ONCE;
  readonly #redis: RedisConnection;
  readonly #engine: RedisEngine;
  readonly #maxJobs: number;
  readonly #maxJobBytes: number;
  readonly #describer = new JobDescriber();
  #stale = 0;

  private constructor(redis: RedisConnection, options: RedisJobStoreOptions) {
    const { loop = EventLoop.default(), prefix = "queue", refreshMs = 5000, replicas = 0 } =
      options;
    this.#redis = redis;
    this.#maxJobs = options.maxJobs ?? 20_000_000;
    this.#maxJobBytes = options.maxJobBytes ?? 16_777_216;
    this.#engine = new RedisEngine(redis, {
      loop,
      prefix,
      refreshMs,
      replicas,
      maxJobs: this.#maxJobs,
    });
  }

  /**
   * Connects to a Redis of version 7 or later.
   *
   * @param url `redis[s]://[[USER]:PASSWORD@]HOST[:PORT][,…][/NUMBER]`, or a connection, which is
   *   closed with the store.
   * @param options Those of the store and, with a URL, of the connection.
   * @throws {SyntaxError} When the URL is none.
   * @throws {StoreError} When there is no connection, or the password is wrong.
   */
  static async open(
    url: string | RedisConnection,
    options: RedisJobStoreOptions & RedisConnectionOptions = {},
  ): Promise<RedisJobStore> {
    let redis: RedisConnection | undefined;
    try {
      redis = typeof url === "string" ? await RedisConnection.open(url, options) : url;
      const store = new RedisJobStore(redis, options);
      await store.#engine.start();
      return store;
    } catch (error) {
      await redis?.[Symbol.asyncDispose]();
      if (!(error instanceof RedisError)) throw error;
      throw new StoreError(`Cannot open job store: ${error.message}`, {
        code: "failed",
        cause: error,
      });
    }
  }

  async push(job: NewJob, options: SinkOptions = {}): Promise<PushReceipt> {
    this.#engine.assertOpen();
    checkNewJob(job, this.#maxJobBytes);
    return this.#receipt(await this.#push(job, options.overLimit));
  }

  async pushMany(jobs: readonly NewJob[]): Promise<PushReceipt[]> {
    this.#engine.assertOpen();
    for (const job of jobs) checkNewJob(job, this.#maxJobBytes);
    const wallMs = this.#engine.loop.wallNow();
    const operations = jobs.map((job) => this.#describer.describe(job, { wallMs }));
    const answers = await this.#engine.pushes.askAll(operations);
    return answers.map((answer) => this.#receipt(answer));
  }

  async reserve(options: ReserveOptions): Promise<ReservedJob[]> {
    const { max = 1, timeoutMs = Infinity, signal } = options;
    this.#engine.assertOpen();
    signal?.throwIfAborted();
    if (!(max >= 1)) throw new RangeError(`Cannot reserve ${max} jobs: it must be at least 1`);
    if (timeoutMs <= 0) return await this.#engine.take(options);
    return await this.#engine.room.wait(options);
  }

  async complete(job: ReservedJob, options: CompleteOptions = {}): Promise<boolean> {
    const { result } = options;
    const each = [memberOf(job.id), job.lease, result?.length ?? -1];
    const isOver = this.#held(await this.#engine.ask(COMPLETE, { each, bytes: result }));
    if (isOver) this.#engine.settle(job.id, { state: "completed", result });
    return isOver;
  }

  async release(job: ReservedJob, options: ReleaseOptions = {}): Promise<boolean> {
    const { delayMs = 0, priority = job.priority, reason, counted = true } = options;
    checkRange("priority", priority, MAX_PRIORITY);
    checkRange("delayMs", delayMs, Number.MAX_SAFE_INTEGER);
    return await this.#verb(["release", job], [priority, delayMs, cut(reason), counted]);
  }

  async bury(job: ReservedJob, options: BuryOptions = {}): Promise<boolean> {
    const { priority = job.priority, reason } = options;
    checkRange("priority", priority, MAX_PRIORITY);
    const isBuried = await this.#verb(["bury", job], [priority, cut(reason)]);
    if (isBuried) {
      this.#engine.settle(job.id, { state: "buried", reason: cut(reason) || job.reason });
    }
    return isBuried;
  }

  async touch(job: ReservedJob): Promise<boolean> {
    const since = this.#engine.loop.now();
    const isHeld = await this.#verb(["touch", job], []);
    if (isHeld && job instanceof RedisReservation) job.deadline = since + job.ttrMs;
    return isHeld;
  }

  async progress(job: ReservedJob, value: Uint8Array): Promise<boolean> {
    const isHeld = await this.#verb(["progress", job], [value.length], value);
    if (isHeld) this.#engine.board.progress(job.id, value);
    return isHeld;
  }

  async reserveJob(id: number): Promise<ReservedJob | null> {
    const answer = await this.#engine.ask(["reserveJob", memberOf(id)]);
    return this.#engine.reservations(answer)[0] ?? null;
  }

  async delete(id: number): Promise<boolean> {
    const { result } = await this.#engine.ask(["delete", memberOf(id)]);
    if (result === true) this.#engine.settle(id, { state: "deleted" });
    return result === true;
  }

  async kick(tube: string, count: number): Promise<number> {
    if (!(count >= 1)) return 0;
    const { result } = await this.#engine.ask(["kick", tube, Math.min(count, MAX_KICKS)]);
    return Number(result);
  }

  async kickJob(id: number): Promise<boolean> {
    const { result } = await this.#engine.ask(["kickJob", memberOf(id)]);
    return result === true;
  }

  async peek(id: number): Promise<StoredJob | null> {
    return this.#views(await this.#engine.ask(["peek", memberOf(id)]))[0] ?? null;
  }

  async peekNext(tube: string, state: Exclude<JobState, "reserved">): Promise<StoredJob | null> {
    return this.#views(await this.#engine.ask(["peekNext", tube, state]))[0] ?? null;
  }

  async list(tube: string, options: ListOptions): Promise<StoredJob[]> {
    const { state, limit = 100, after = 0 } = options;
    const op = ["list", tube, state, Math.min(limit, 10_000), memberOf(after)];
    return this.#views(await this.#engine.ask(op));
  }

  async pause(tube: string, durationMs: number): Promise<void> {
    const text = durationMs === Infinity ? "inf" : String(durationMs);
    await this.#engine.ask(["pause", tube, text]);
  }

  tubes(): string[] {
    return this.#engine.mirror.names();
  }

  tubeStats(tube: string): TubeStats | null {
    const { mirror, room } = this.#engine;
    return mirror.tubeStats(tube, this.#engine.now(), room.sizeOf(tube));
  }

  stats(): StoreStats {
    const { mirror, room, pushes } = this.#engine;
    return mirror.stats({
      waiting: room.size,
      pendingBytes: pushes.pendingBytes,
      staleLeases: this.#stale,
    });
  }

  async whenEmpty(tube: string, options?: WaitOptions): Promise<void> {
    this.#engine.assertOpen();
    await this.#engine.conditions.wait(() => this.#engine.mirror.isEmpty(tube), options);
  }

  async whenRoom(options?: WaitOptions): Promise<void> {
    this.#engine.assertOpen();
    await this.#engine.conditions.wait(() => this.#engine.mirror.jobs < this.#maxJobs, options);
  }

  observe(id: number, observer: JobObserver): Disposable {
    const observation = this.#engine.board.observe(id, observer);
    if (this.#engine.board.recall(id) === null && this.#engine.closed === null) {
      // Without it, what this process does itself is still told.
      this.#engine.ask(["observe", memberOf(id)]).catch(() => undefined);
    }
    return observation;
  }

  async outcome(id: number): Promise<JobOutcome | null> {
    this.#engine.assertOpen();
    const known = this.#engine.board.recall(id);
    if (known !== null && known.state !== "buried") return known;
    // Another process may have kicked it.
    if (known !== null) return (await this.peek(id))?.state === "buried" ? known : null;
    const { jobs: [kept] } = await this.#engine.ask(["outcome", memberOf(id)]);
    return kept === undefined ? null : readKeptOutcome(kept.body);
  }

  async pushTick(schedule: string, tick: number, job: NewJob): Promise<boolean> {
    this.#engine.assertOpen();
    checkNewJob(job, this.#maxJobBytes);
    const wallMs = this.#engine.loop.wallNow();
    const answer = await this.#engine.pushes.ask(describeTick(job, { schedule, tick, wallMs }));
    if (answer.result === false) return false;
    this.#receipt(answer);
    return true;
  }

  close(): void {
    if (this.#engine.closed !== null) return;
    this.#engine.close();
    void this.#redis[Symbol.asyncDispose]();
  }

  /** Same as {@linkcode close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #push(job: NewJob, isForced = false): Promise<Answer> {
    const details = { wallMs: this.#engine.loop.wallNow(), isForced };
    return this.#engine.pushes.ask(this.#describer.describe(job, details));
  }

  #receipt({ result }: Answer): PushReceipt {
    const id = Number(result);
    if (id === 0) throw new QueueFullError(this.#maxJobs, "jobs");
    return { id: Math.abs(id), duplicate: id < 0 };
  }

  async #verb(
    [name, { id, lease }]: [string, ReservedJob],
    rest: readonly unknown[],
    bytes?: Uint8Array,
  ): Promise<boolean> {
    return this.#held(
      await this.#engine.ask([name, memberOf(id), lease, ...rest], { bytes }),
    );
  }

  #held({ result }: Answer): boolean {
    if (result !== true) this.#stale++;
    return result === true;
  }

  #views({ jobs }: Answer): StoredJob[] {
    const now = this.#engine.now();
    return jobs.flatMap(({ meta, ...job }) => meta === null ? [] : [viewOf({ ...job, meta }, now)]);
  }
}

/** A reason as long as it may be; `false` for none. */
function cut(reason: string | undefined): string | false {
  return reason?.slice(0, MAX_REASON_LENGTH) ?? false;
}
