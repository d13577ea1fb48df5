import { EventLoop } from "../loop/mod.ts";
import { EventListeners } from "./event_listeners.ts";
import type { JobBody } from "./job_body.ts";
import { type JobExecutor, LocalExecutor } from "./job_executor.ts";
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_TIMEOUT_MS } from "./job_options.ts";
import type { JobRegistry } from "./job_registry.ts";
import { JobSettler } from "./job_settler.ts";
import type { JobSource } from "./job_store.ts";
import { RunningJob, type RunningJobHost } from "./running_job.ts";
import { StoreError } from "./store_error.ts";
import { DEFAULT_TUBE, type ReservedJob } from "./stored_job.ts";
import type { JobWorkerEvents, JobWorkerStats } from "./worker_events.ts";

/** How soon a source that has failed is asked again. */
const RETRY_MS = 1000;
/** Jobs a slot that have ended, which the source has not confirmed yet. */
const ENDINGS_A_SLOT = 10;
/** Jobs quicker than this are reserved ahead: as many as run in this time, within the limit. */
const QUICK_MS = 10;
const MAX_AHEAD = 400;

/** Options of {@linkcode JobWorker}. */
export interface JobWorkerOptions {
  /** Where the jobs come from: a store, or a server. */
  source: JobSource;
  /**
   * The tubes to take jobs from.
   *
   * @default {["default"]}
   */
  tubes?: readonly string[];
  /**
   * How many jobs run at a time.
   *
   * @default {10}
   */
  concurrency?: number;
  /**
   * How long {@linkcode JobWorker.stop} waits for running jobs, in milliseconds.
   *
   * @default {30_000}
   */
  graceMs?: number;
  /**
   * What runs the jobs.
   *
   * @default {this process}
   */
  executor?: JobExecutor;
  /**
   * The loop whose clock the worker lives by.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/**
 * Runs jobs, several at a time. What a job throws gives it back for another
 * attempt, after a wait that grows each time, or buries it when its attempts are
 * used up.
 *
 * @example Events
 * ```ts
 * import { defineJobs, JobQueue, JobWorker, MemoryJobStore } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemoryJobStore();
 * const jobs = defineJobs({ double: (n: number) => 2 * n });
 * await using worker = new JobWorker(jobs, { source: store, concurrency: 4 });
 * const done = new Promise((resolve) => worker.on("success", ({ result }) => resolve(result)));
 * await new JobQueue(jobs, { store }).push("double", 21);
 * assertEquals(await done, 42);
 * ```
 */
export class JobWorker implements AsyncDisposable {
  readonly #jobs: JobRegistry;
  readonly #source: JobSource;
  readonly #reservesAtOnce: number;
  readonly #tubes: readonly string[];
  readonly #concurrency: number;
  readonly #graceMs: number;
  readonly #executor: JobExecutor;
  readonly #loop: EventLoop;
  readonly #events: EventListeners<JobWorkerEvents>;
  readonly #host: RunningJobHost;
  readonly #settler: JobSettler;
  readonly #running = new Set<RunningJob>();
  readonly #stopping = new AbortController();
  #waiting: ReservedJob[] = [];
  #wakes: (() => void)[] = [];
  #settled: PromiseWithResolvers<void> | null = null;
  #fetching: Promise<unknown> | null = null;
  #stopped: Promise<void> | null = null;
  /** Jobs that the source was asked for. */
  #asked = 0;
  /** Whether the source had as many as it was asked for the last time. */
  #isPlenty = false;
  #ending = 0;
  /** Whether the source had nothing more to give when it was last asked. */
  #isDry = false;
  #meanMs = Infinity;
  readonly #counts = { succeeded: 0, failed: 0, timeouts: 0, abandoned: 0, released: 0 };

  /**
   * Makes a worker, which begins with the next iteration of the loop.
   *
   * @param jobs The jobs that it can run.
   * @param options See {@linkcode JobWorkerOptions}.
   * @throws {RangeError} When `concurrency` is less than 1.
   */
  constructor(jobs: JobRegistry, options: JobWorkerOptions) {
    const { concurrency = 10, loop = EventLoop.default() } = options;
    if (!(concurrency >= 1)) {
      throw new RangeError(`Cannot run ${concurrency} jobs at a time: it must be at least 1`);
    }
    this.#jobs = jobs;
    this.#source = options.source;
    this.#reservesAtOnce = options.source.reservesAtOnce ?? 1;
    this.#tubes = options.tubes ?? [DEFAULT_TUBE];
    this.#concurrency = concurrency;
    this.#graceMs = options.graceMs ?? 30_000;
    this.#executor = options.executor ?? new LocalExecutor(jobs);
    this.#loop = loop;
    this.#events = new EventListeners(loop);
    this.#settler = new JobSettler(jobs, {
      loop,
      source: this.#source,
      events: this.#events,
      counts: this.#counts,
    });
    this.#host = {
      loop,
      source: this.#source,
      onTimeout: (job) => this.#timeOut(job),
      onGrace: (job) => this.#abandon(job),
      onError: (error) => this.#events.emit("error", { error }),
    };
    loop.callSoon(() => {
      if (this.#stopped !== null) return;
      this.#events.emit("init", { concurrency });
      const turns = Array.from({ length: this.#reservesAtOnce }, (_, turn) => this.#fetch(turn));
      this.#fetching = Promise.all(turns);
    });
  }

  /**
   * Calls `listener` for each event of a kind.
   *
   * @returns Stops calling.
   */
  on<Kind extends keyof JobWorkerEvents>(
    kind: Kind,
    listener: (event: JobWorkerEvents[Kind]) => void,
  ): Disposable {
    return this.#events.on(kind, listener);
  }

  /** What the worker does and has done. */
  stats(): JobWorkerStats {
    return { running: this.#running.size, waiting: this.#waiting.length, ...this.#counts };
  }

  /**
   * Takes no more jobs and waits for those that are running. Those that run
   * on after `graceMs` are aborted and given back, without counting as an attempt.
   */
  stop(options: { graceMs?: number } = {}): Promise<void> {
    this.#stopped ??= this.#stop(options.graceMs ?? this.#graceMs);
    return this.#stopped;
  }

  /** Same as {@linkcode stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #fetch(turn: number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const max = Math.min(this.#appetite(), this.#portion());
      if (max <= 0 || turn > 0 && !this.#isPlenty) {
        await new Promise<void>((resolve) => this.#wakes.push(resolve));
        continue;
      }
      this.#asked += max;
      try {
        const jobs = await this.#reserve(max, turn);
        this.#asked -= max;
        this.#isPlenty = jobs.length === max;
        this.#take(jobs);
      } catch (error) {
        this.#asked -= max;
        this.#isPlenty = false;
        if (signal.aborted || !await this.#recover(error)) return;
      }
    }
  }

  async #reserve(max: number, turn: number): Promise<ReservedJob[]> {
    const { signal } = this.#stopping;
    const options = { tubes: this.#tubes, max, signal };
    if (turn > 0 || !this.#events.has("idle")) return await this.#source.reserve(options);
    const jobs = await this.#source.reserve({ ...options, timeoutMs: 0 });
    if (jobs.length > 0) return jobs;
    this.#isDry = true;
    this.#tellIdle();
    try {
      return await this.#source.reserve(options);
    } finally {
      this.#isDry = false;
    }
  }

  #tellIdle(): void {
    if (!this.#isDry || this.#running.size + this.#waiting.length + this.#ending > 0) return;
    this.#events.emit("idle", { completed: this.#counts.succeeded });
  }

  /** Waits after a failure of the source; `false` when it is gone for good. */
  async #recover(error: unknown): Promise<boolean> {
    this.#events.emit("error", { error });
    if (error instanceof StoreError && error.code !== "failed" && error.code !== "corrupt") {
      // Not awaited, as it waits for this very loop.
      void this.stop({ graceMs: this.#graceMs });
      return false;
    }
    const { signal } = this.#stopping;
    await Promise.race([this.#loop.sleep(RETRY_MS), aborted(signal)]);
    return true;
  }

  /** How many more jobs to reserve. */
  #appetite(): number {
    if (this.#ending >= ENDINGS_A_SLOT * this.#concurrency) return 0;
    const held = this.#asked + this.#running.size + this.#waiting.length;
    return this.#concurrency + this.#ahead() - held;
  }

  #ahead(): number {
    return Math.min(MAX_AHEAD, Math.floor(QUICK_MS / this.#meanMs) * this.#concurrency);
  }

  /** How many jobs to ask for at a time. */
  #portion(): number {
    const all = this.#concurrency + this.#ahead();
    return Math.max(this.#concurrency, Math.ceil(all / this.#reservesAtOnce));
  }

  /** How many it should be to ask for them while there are others to run. */
  #mouthful(): number {
    return this.#reservesAtOnce > 1 ? this.#portion() : (this.#concurrency >> 1) + 1;
  }

  #take(jobs: ReservedJob[]): void {
    this.#waiting = this.#waiting.length === 0 ? jobs : this.#waiting.concat(jobs);
    this.#fill();
  }

  #fill(): void {
    if (this.#stopping.signal.aborted) return;
    // A job that is refused frees its slot at once, which fills it again from here.
    while (this.#waiting.length > 0 && this.#running.size < this.#concurrency) {
      this.#begin(this.#waiting.shift()!);
    }
    // A quick worker asks for many at once, not for one as soon as there is room for one.
    if (this.#wakes.length > 0 && this.#appetite() >= this.#mouthful()) this.#rouse();
    else if (this.#waiting.length === 0 && this.#running.size < this.#concurrency) this.#rouse();
  }

  #rouse(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }

  #begin(reserved: ReservedJob): void {
    if (reserved.deadline <= this.#loop.now()) return;
    const decoded = this.#jobs.decode(reserved.body);
    const body: JobBody = decoded.ok ? decoded.body : { job: "", data: undefined };
    const defined = this.#jobs.find(body.job);
    const job = new RunningJob(this.#host, reserved, {
      body,
      maxAttempts: body.maxAttempts ?? defined?.maxAttempts ??
        (reserved.maxAttempts || DEFAULT_MAX_ATTEMPTS),
      timeoutMs: body.timeoutMs ?? defined?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    });
    this.#running.add(job);
    if (isUsedUp(job)) void this.#end(job, this.#settler.exhaust(job));
    else if (decoded.ok) void this.#run(job);
    else void this.#end(job, this.#settler.refuse(job, new SyntaxError(decoded.reason)));
  }

  async #run(job: RunningJob): Promise<void> {
    if (this.#events.has("start")) this.#events.emit("start", { job });
    let ending: Promise<boolean>;
    try {
      const result = await this.#executor.run(job.body, job);
      if (job.over) return;
      this.#note(this.#loop.now() - job.startedAt);
      ending = this.#settler.succeed(job, result);
    } catch (error) {
      if (job.over) return;
      ending = this.#settler.refuse(job, error);
    }
    await this.#end(job, ending);
  }

  /** Frees the slot of a job, and waits until it is known how it ended. */
  async #end(job: RunningJob, ending: Promise<boolean>): Promise<void> {
    job.end();
    this.#running.delete(job);
    this.#ending++;
    this.#fill();
    try {
      const held = await ending;
      if (!held) this.#events.emit("stale", { job });
    } catch (error) {
      this.#events.emit("error", { error });
    }
    this.#ending--;
    this.#tellIdle();
    this.#settled?.resolve();
    this.#fill();
  }

  #note(durationMs: number): void {
    this.#meanMs = this.#meanMs === Infinity ? durationMs : 0.9 * this.#meanMs + 0.1 * durationMs;
  }

  #timeOut(job: RunningJob): void {
    const { timeoutMs } = job;
    this.#counts.timeouts++;
    this.#events.emit("timeout", { job, timeoutMs });
    job.abort(new DOMException(`The job has run for ${timeoutMs} ms`, "TimeoutError"));
  }

  #abandon(job: RunningJob): void {
    if (this.#executor.kill?.(job.id)) return;
    this.#counts.abandoned++;
    this.#events.emit("abandoned", { job });
    const why = new DOMException("The job goes on although it was aborted", "TimeoutError");
    void this.#end(job, this.#settler.refuse(job, why));
  }

  async #stop(graceMs: number): Promise<void> {
    this.#stopping.abort(new DOMException("The worker stops", "AbortError"));
    this.#rouse();
    await this.#fetching;
    const waiting = this.#waiting;
    this.#waiting = [];
    await Promise.all(waiting.map((job) => this.#giveBack(job)));
    await this.#finish(graceMs);
    const left = [...this.#running];
    for (const job of left) job.abort(this.#stopping.signal.reason);
    // Those that heed their signal end by themselves.
    await this.#loop.sleep(0);
    await Promise.all(left.filter((job) => !job.over).map((job) => this.#giveUp(job)));
    this.#events.emit("stop", { released: this.#counts.released });
  }

  /** Waits for the running jobs, but not for too long. */
  async #finish(graceMs: number): Promise<void> {
    let isTime = false;
    const timer = this.#loop.callLater(graceMs, () => {
      isTime = true;
      this.#settled?.resolve();
    });
    while (this.#running.size + this.#ending > 0 && !isTime) {
      this.#settled = Promise.withResolvers();
      await this.#settled.promise;
    }
    timer.cancel();
  }

  async #giveUp(job: RunningJob): Promise<void> {
    job.end();
    this.#executor.kill?.(job.id);
    this.#running.delete(job);
    await this.#giveBack(job.reserved);
  }

  async #giveBack(job: ReservedJob): Promise<void> {
    this.#counts.released++;
    try {
      await this.#source.release(job, { counted: false, reason: "The worker has stopped" });
    } catch (error) {
      this.#events.emit("error", { error });
    }
  }
}

/** A job that kills its worker has no other end than this where the source counts no attempts. */
function isUsedUp({ attempt, maxAttempts }: RunningJob): boolean {
  return maxAttempts > 0 && attempt > maxAttempts;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
