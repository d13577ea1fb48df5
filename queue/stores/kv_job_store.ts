import { EventLoop } from "../../loop/mod.ts";
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
import type { StoreStats, TubeStats } from "../store_stats.ts";
import type { JobOutcome, JobState, NewJob, ReservedJob, StoredJob } from "../stored_job.ts";
import type { KvDatabase, KvKey } from "./kv/kv_database.ts";
import { KvEngine } from "./kv/kv_engine.ts";
import { openDatabase } from "./kv/open_database.ts";

/** Options of {@linkcode KvJobStore.open}. */
export interface KvJobStoreOptions {
  /**
   * The file of the database, made when it isn't there; `:memory:` for none.
   *
   * @default {the file that Deno keeps for the program}
   */
  path?: string;
  /**
   * The database itself, instead of a file; it is not closed with the store.
   *
   * @default {the one at path}
   */
  kv?: KvDatabase;
  /**
   * What all keys of the store begin with.
   *
   * @default {["queue"]}
   */
  prefix?: KvKey;
  /**
   * The loop whose clock the store lives by.
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
   * Bytes pushed and not yet durable at which further pushes are refused.
   *
   * @default {67_108_864}
   */
  maxPendingBytes?: number;
  /**
   * Memory in bytes for jobs that nobody has reserved: the others are read when their turn comes.
   *
   * @default {8_388_608}
   */
  maxLoadedBytes?: number;
  /**
   * How often the owner shows that it lives, in milliseconds.
   *
   * @default {5_000}
   */
  heartbeatMs?: number;
  /**
   * How long an owner may be silent until another takes over, in milliseconds. An owner whose
   * process has ended on this machine is not waited for.
   *
   * @default {15_000}
   */
  ownerTimeoutMs?: number;
  /**
   * How long opening waits for a live owner to leave, in milliseconds.
   *
   * @default {0}
   */
  waitMs?: number;
  /**
   * How often to look for jobs that other processes have pushed, in milliseconds.
   *
   * @default {200}
   */
  inboxPollMs?: number;
  /**
   * Told of what fails in the background, and is tried again.
   *
   * @default {the onError of the loop}
   */
  onError?: (error: unknown) => void;
  /** Gives up opening. */
  signal?: AbortSignal;
}

/**
 * Keeps jobs in a file, through Deno KV. Whatever is acknowledged is durable;
 * what arrives while one transaction is being written shares the next.
 *
 * One process at a time owns the jobs of a file and gives them out. Each of
 * its transactions checks that it still does, so that two can never work on the
 * same jobs. When its process ends, or is silent for too long, the next one takes over: the
 * jobs that were reserved are given out again, and have used up one attempt.
 *
 * @example Jobs survive
 * ```ts
 * import { KvJobStore } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * {
 *   await using store = await KvJobStore.open({ path });
 *   await store.push({ body: new TextEncoder().encode("hello") });
 * }
 * await using store = await KvJobStore.open({ path });
 * const [job] = await store.reserve({ tubes: ["default"] });
 * assertEquals(new TextDecoder().decode(job.body), "hello");
 * ```
 */
export class KvJobStore implements JobStore {
  readonly #engine: KvEngine;

  private constructor(engine: KvEngine) {
    this.#engine = engine;
  }

  /**
   * Opens a store, and becomes the owner of its jobs.
   *
   * @param options See {@linkcode KvJobStoreOptions}.
   * @throws {StoreBusyError} When another process owns them.
   * @throws {StoreError} When the file can't be opened, or what it holds is damaged.
   */
  static async open(options: KvJobStoreOptions = {}): Promise<KvJobStore> {
    const { kv: given } = options;
    const kv = given ?? await openDatabase(options.path);
    try {
      const engine = await KvEngine.open({
        kv,
        ownsKv: given === undefined,
        prefix: options.prefix ?? ["queue"],
        loop: options.loop ?? EventLoop.default(),
        maxJobs: options.maxJobs ?? 20_000_000,
        maxJobBytes: options.maxJobBytes ?? 16_777_216,
        maxPendingBytes: options.maxPendingBytes ?? 67_108_864,
        maxLoadedBytes: options.maxLoadedBytes ?? 8_388_608,
        heartbeatMs: options.heartbeatMs ?? 5000,
        ownerTimeoutMs: options.ownerTimeoutMs ?? 15_000,
        waitMs: options.waitMs ?? 0,
        inboxPollMs: options.inboxPollMs ?? 200,
        onError: options.onError,
        signal: options.signal,
      });
      return new KvJobStore(engine);
    } catch (error) {
      if (given === undefined) kv.close();
      throw error;
    }
  }

  /** Whether the store still owns its jobs. */
  get isOwner(): boolean {
    return this.#engine.ended?.code !== "lost";
  }

  async push(job: NewJob, options: SinkOptions = {}): Promise<PushReceipt> {
    return await this.#open().intake.push(job, options);
  }

  async pushMany(jobs: readonly NewJob[]): Promise<PushReceipt[]> {
    return await this.#open().intake.pushMany(jobs);
  }

  async reserve(options: ReserveOptions): Promise<ReservedJob[]> {
    return await this.#open().desk.reserve(options);
  }

  async complete(job: ReservedJob, options?: CompleteOptions): Promise<boolean> {
    return await this.#open().desk.complete(job, options);
  }

  async release(job: ReservedJob, options?: ReleaseOptions): Promise<boolean> {
    return await this.#open().desk.release(job, options);
  }

  async bury(job: ReservedJob, options?: BuryOptions): Promise<boolean> {
    return await this.#open().desk.bury(job, options);
  }

  async touch(job: ReservedJob): Promise<boolean> {
    return await this.#open().desk.touch(job);
  }

  async progress(job: ReservedJob, value: Uint8Array): Promise<boolean> {
    return await this.#open().desk.progress(job, value);
  }

  async reserveJob(id: number, options: { durable?: boolean } = {}): Promise<ReservedJob | null> {
    return await this.#open().clerk.reserveJob(id, options.durable ?? true);
  }

  async delete(id: number): Promise<boolean> {
    return await this.#open().clerk.delete(id);
  }

  async kick(tube: string, count: number): Promise<number> {
    return await this.#open().clerk.kick(tube, count);
  }

  async kickJob(id: number): Promise<boolean> {
    return await this.#open().clerk.kickJob(id);
  }

  async peek(id: number): Promise<StoredJob | null> {
    return await this.#open().clerk.peek(id);
  }

  async peekNext(tube: string, state: Exclude<JobState, "reserved">): Promise<StoredJob | null> {
    return await this.#open().clerk.peekNext(tube, state);
  }

  async list(tube: string, options: ListOptions): Promise<StoredJob[]> {
    return await this.#open().clerk.list(tube, options);
  }

  async pause(tube: string, durationMs: number): Promise<void> {
    await this.#open().pause(tube, durationMs);
  }

  tubes(): string[] {
    return this.#engine.index.tubes.names();
  }

  tubeStats(tube: string): TubeStats | null {
    return this.#engine.tubeStats(tube);
  }

  stats(): StoreStats {
    return this.#engine.stats();
  }

  async whenEmpty(tube: string, options?: WaitOptions): Promise<void> {
    await this.#open().whenEmpty(tube, options);
  }

  async whenRoom(options?: WaitOptions): Promise<void> {
    const { conditions, intake } = this.#open();
    await conditions.wait(() => intake.hasRoom, options);
  }

  observe(id: number, observer: JobObserver): Disposable {
    return this.#open().board.observe(id, observer);
  }

  async outcome(id: number): Promise<JobOutcome | null> {
    return await this.#open().outcome(id);
  }

  async pushTick(schedule: string, tick: number, job: NewJob): Promise<boolean> {
    return await this.#open().pushTick(schedule, tick, job);
  }

  close(): void {
    void this.#engine.close("at once");
  }

  /** Closes the store once what was asked of it is durable. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.close("in order");
  }

  #open(): KvEngine {
    if (this.#engine.ended !== null) throw this.#engine.ended;
    return this.#engine;
  }
}
