import { EventLoop } from "../loop/mod.ts";
import { EventListeners } from "./event_listeners.ts";
import { runImmediately } from "./immediate_run.ts";
import type { Job } from "./job.ts";
import type { JobEntries, JobInput, JobResult, PushArguments } from "./job_definition.ts";
import { JobHandle } from "./job_handle.ts";
import type { PushOptions } from "./job_options.ts";
import type { JobRegistry } from "./job_registry.ts";
import type { JobStore, PushReceipt, WaitOptions } from "./job_store.ts";
import { JobWorker, type JobWorkerOptions } from "./job_worker.ts";
import { QueueDrainingError } from "./queue_draining_error.ts";
import type { TubeStats } from "./store_stats.ts";
import { DEFAULT_TUBE, type NewJob } from "./stored_job.ts";
import { KvJobStore } from "./stores/kv_job_store.ts";
import { noTubeStats } from "./stores/tube_table.ts";
import { TakenJob } from "./taken_job.ts";

/** Options of {@linkcode JobQueue}. */
export interface JobQueueOptions {
  /** Where the jobs are. */
  store: JobStore;
  /**
   * The name of the queue, which is a tube of the store.
   *
   * @default {"default"}
   */
  name?: string;
  /**
   * The loop of the workers.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * Runs each job within `push`, without the store, as a test may want it: `push` then rejects
   * with what the job throws.
   *
   * @default {false}
   */
  immediate?: boolean;
}

/** Options of {@linkcode JobQueue.open}. */
export interface OpenQueueOptions extends Omit<JobQueueOptions, "store"> {
  /**
   * The file of the jobs, made when it isn't there.
   *
   * @default {the file that Deno keeps for the program}
   */
  path?: string;
}

/** Options of {@linkcode JobQueue.pop}. */
export interface PopOptions extends WaitOptions {
  /**
   * How long to wait for a job in milliseconds; 0 for not at all.
   *
   * @default {0}
   */
  timeoutMs?: number;
}

/** What a queue tells. */
export interface JobQueueEvents {
  /** A job was stored. */
  pushed: { readonly id: number; readonly name: string };
  /** A job was not stored, as there is one with its key. */
  duplicate: { readonly id: number; readonly name: string };
}

/**
 * A queue of jobs.
 *
 * @typeParam Entries The jobs that it takes.
 *
 * @example Push, and work it off
 * ```ts
 * import { defineJobs, JobQueue } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = defineJobs({ hello: (name: string) => `Hello ${name}` });
 * await using queue = await JobQueue.open(jobs, { path: ":memory:" });
 * queue.work({ concurrency: 50 });
 * const job = await queue.push("hello", "Christoph");
 * assertEquals(await job.result(), "Hello Christoph");
 * ```
 */
export class JobQueue<Entries extends JobEntries = JobEntries> implements AsyncDisposable {
  readonly #loop: EventLoop;
  readonly #events: EventListeners<JobQueueEvents>;
  readonly #workers = new Set<JobWorker>();
  readonly #immediate: boolean;
  #ownsStore = false;
  #draining = false;
  #pending = 0;
  #flushed: PromiseWithResolvers<void> | null = null;
  #lastImmediateId = 0;
  /** The jobs that it takes. */
  readonly jobs: JobRegistry<Entries>;
  /** Where the jobs are. */
  readonly store: JobStore;
  /** The name of the queue, which is a tube of the store. */
  readonly name: string;

  /**
   * Makes a queue on a store, which it leaves open in the end.
   *
   * @param jobs The jobs that it takes.
   * @param options See {@linkcode JobQueueOptions}.
   */
  constructor(jobs: JobRegistry<Entries>, options: JobQueueOptions) {
    this.jobs = jobs;
    this.store = options.store;
    this.name = options.name ?? DEFAULT_TUBE;
    this.#loop = options.loop ?? EventLoop.default();
    this.#immediate = options.immediate ?? false;
    this.#events = new EventListeners(this.#loop);
  }

  /**
   * Opens a queue on a file, which is closed with it.
   *
   * @param jobs The jobs that it takes.
   * @param options See {@linkcode OpenQueueOptions}.
   * @throws {StoreBusyError} When another process owns the jobs of the file.
   * @throws {StoreError} When the file can't be used.
   */
  static async open<Entries extends JobEntries>(
    jobs: JobRegistry<Entries>,
    options: OpenQueueOptions = {},
  ): Promise<JobQueue<Entries>> {
    const store = await KvJobStore.open({ path: options.path, loop: options.loop });
    const queue = new JobQueue(jobs, { ...options, store });
    queue.#ownsStore = true;
    return queue;
  }

  /**
   * Pushes a job by its name.
   *
   * @param name The name of the job.
   * @param rest Its data, and how it is to be run.
   * @returns Once it is durable.
   * @throws {UnknownJobError} When no such job is defined.
   * @throws {JobDataError} When the data doesn't fit the schema, or JSON.
   * @throws {QueueFullError} When the store holds as many jobs as it may.
   * @throws {QueueDrainingError} When the queue is being drained.
   * @throws {JobTooBigError} When the data is larger than the store takes.
   * @throws {StoreError} When the store has failed; then the job may have been stored nevertheless.
   */
  push<Name extends keyof Entries & string>(
    name: Name,
    ...rest: PushArguments<Entries[Name], PushOptions>
  ): Promise<JobHandle<JobResult<Entries[Name]>>>;
  /**
   * Pushes a job of a class.
   *
   * @param job The job.
   * @param options How it is to be run.
   * @returns Once it is durable.
   */
  push<Result>(job: Job<unknown, Result>, options?: PushOptions): Promise<JobHandle<Result>>;
  async push(
    what: string | Job<unknown, unknown>,
    ...rest: unknown[]
  ): Promise<JobHandle<unknown>> {
    const [name, data, options] = typeof what === "string"
      ? [what, rest[0], rest[1]]
      : [this.jobs.nameOf(what), what.data, rest[0]];
    this.#assertTaking();
    if (this.#immediate) return await this.#runNow(name, data);
    const prepared = this.#prepare(name, data, options as PushOptions | undefined);
    this.#pending++;
    try {
      const job = prepared instanceof Promise ? await prepared : prepared;
      return this.#handle(name, await this.store.push(job));
    } finally {
      this.#settle();
    }
  }

  /**
   * Pushes many jobs of one name, in their order.
   *
   * @param name The name of the jobs.
   * @param data The data of each.
   * @param options How they are to be run.
   * @returns Once they are durable. When it fails, some at the front may have been stored.
   * @throws What {@linkcode push} throws.
   */
  async pushMany<Name extends keyof Entries & string>(
    name: Name,
    data: readonly JobInput<Entries[Name]>[],
    options?: PushOptions,
  ): Promise<JobHandle<JobResult<Entries[Name]>>[]> {
    this.#assertTaking();
    if (this.#immediate) {
      const handles: JobHandle<JobResult<Entries[Name]>>[] = [];
      for (const each of data) handles.push(await this.#runNow(name, each));
      return handles;
    }
    const prepared = data.map((each) => this.#prepare(name, each, options));
    this.#pending++;
    try {
      const receipts = await this.store.pushMany(await Promise.all(prepared));
      return receipts.map((receipt) => this.#handle(name, receipt));
    } finally {
      this.#settle();
    }
  }

  /** Waits until all that was pushed so far is durable, or has been rejected. */
  async flush(): Promise<void> {
    if (this.#pending === 0) return;
    this.#flushed ??= Promise.withResolvers();
    await this.#flushed.promise;
  }

  /**
   * Takes the next job, to be done by the caller.
   *
   * @param options Whether to wait for one.
   * @returns The job; `null` when there is none. What can't be read is buried.
   * @throws {StoreError} When the store has failed or was closed.
   */
  async pop(options: PopOptions = {}): Promise<TakenJob | null> {
    const { timeoutMs = 0, signal } = options;
    for (;;) {
      const [job] = await this.store.reserve({ tubes: [this.name], timeoutMs, signal });
      if (job === undefined) return null;
      const decoded = this.jobs.decode(job.body);
      if (decoded.ok) return new TakenJob(this.store, job, decoded.body);
      await this.store.bury(job, { reason: decoded.reason });
    }
  }

  /**
   * Starts a worker of this queue, which stops with it.
   *
   * @param options See {@linkcode JobWorkerOptions}.
   */
  work(options: Omit<JobWorkerOptions, "source" | "tubes"> = {}): JobWorker {
    const worker = new JobWorker(this.jobs, {
      loop: this.#loop,
      ...options,
      source: this.store,
      tubes: [this.name],
    });
    this.#workers.add(worker);
    worker.on("stop", () => void this.#workers.delete(worker));
    return worker;
  }

  /**
   * Gives no jobs out; those that are running go on.
   *
   * @param durationMs For how long; without it, until {@linkcode resume}.
   */
  async pause(durationMs = Infinity): Promise<void> {
    await this.store.pause(this.name, durationMs);
  }

  /** Gives jobs out, and takes them, again. */
  async resume(): Promise<void> {
    this.#draining = false;
    await this.store.pause(this.name, 0);
  }

  /**
   * Takes no more jobs, until {@linkcode resume}, and waits until those that are there have been
   * run, the delayed ones included. Buried ones stay.
   */
  async drain(options?: WaitOptions): Promise<void> {
    this.#draining = true;
    await this.flush();
    await this.store.whenEmpty(this.name, options);
  }

  /** What the queue holds and has counted. */
  stats(): TubeStats {
    return this.store.tubeStats(this.name) ?? noTubeStats(this.name);
  }

  /**
   * Calls `listener` for each event of a kind.
   *
   * @returns Stops calling.
   */
  on<Kind extends keyof JobQueueEvents>(
    kind: Kind,
    listener: (event: JobQueueEvents[Kind]) => void,
  ): Disposable {
    return this.#events.on(kind, listener);
  }

  /** Stops the workers of the queue; then what was pushed is durable, and a store that it has opened is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
    await this.flush();
    if (this.#ownsStore) await this.store[Symbol.asyncDispose]();
  }

  #assertTaking(): void {
    if (this.#draining) throw new QueueDrainingError(this.name);
  }

  #prepare(name: string, data: unknown, options?: PushOptions): NewJob | Promise<NewJob> {
    return this.jobs.prepare(name, data, { ...options, tube: this.name });
  }

  #handle<Result>(name: string, { id, duplicate }: PushReceipt): JobHandle<Result> {
    const kind = duplicate ? "duplicate" : "pushed";
    if (this.#events.has(kind)) this.#events.emit(kind, { id, name });
    return new JobHandle(this.store, { id, name, duplicate });
  }

  #settle(): void {
    if (--this.#pending > 0) return;
    this.#flushed?.resolve();
    this.#flushed = null;
  }

  #runNow<Result>(name: string, data: unknown): Promise<JobHandle<Result>> {
    return runImmediately(this.jobs, { id: ++this.#lastImmediateId, name, data });
  }
}
