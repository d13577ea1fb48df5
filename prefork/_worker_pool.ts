import type { EventLoop } from "../loop/mod.ts";
import { BootError, type BootFailure } from "./boot_error.ts";
import type { Limits } from "./_settings.ts";
import type { SupervisedWorker } from "./_supervised_worker.ts";
import { type SlotHost, WorkerSlot } from "./_worker_slot.ts";
import type { LogEntry } from "./log_entry.ts";

/** What came of a rolling reload. */
export interface ReloadResult {
  /** How many workers were replaced. */
  readonly replaced: number;
  /** Why the reload was given up; the workers that were not replaced serve on. */
  readonly failure: BootFailure | null;
}

/** Options of {@linkcode WorkerPool}. */
export interface WorkerPoolOptions {
  /** The name of the program, for messages. */
  program: string;
  /** The loop whose timers are used. */
  loop: EventLoop;
  /** Times and limits. */
  limits: Limits;
  /** Starts a worker. */
  launch: (slot: WorkerSlot) => SupervisedWorker | BootFailure;
  /** Called with what is worth a line in a log. */
  onLog: (entry: LogEntry) => void;
}

/** A number of places, each with a worker at work. */
export class WorkerPool implements SlotHost {
  readonly loop: EventLoop;
  readonly limits: Limits;
  readonly #options: WorkerPoolOptions;
  readonly #slots = new Map<number, WorkerSlot>();
  readonly #leaving = new Set<WorkerSlot>();
  #started: PromiseWithResolvers<void> | null = null;
  #everBooted = false;
  #reloading: Promise<ReloadResult> | null = null;
  #reloadAgain: Promise<ReloadResult> | null = null;
  #closing = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.loop = options.loop;
    this.limits = options.limits;
  }

  /** How many places there are. */
  get size(): number {
    return this.#slots.size;
  }

  /** The places, with those that are being given up. */
  get slots(): WorkerSlot[] {
    return [...this.#slots.values(), ...this.#leaving];
  }

  /** All processes that have not ended. */
  get workers(): SupervisedWorker[] {
    return this.slots.flatMap((slot) => [...slot.workers]);
  }

  /** Whether a place can't keep a worker alive. */
  get crashLooping(): boolean {
    return this.slots.some((slot) => slot.failures >= this.limits.maxBootFailures);
  }

  /**
   * Starts with a number of workers, and resolves when each has booted or, once one of them has,
   * was tried.
   *
   * @throws {BootError} When none can be booted.
   */
  start(workers: number): Promise<void> {
    this.#started = Promise.withResolvers();
    if (workers === 0) this.#started.resolve();
    this.scale(workers);
    return this.#started.promise;
  }

  /** Has so many workers from now on. */
  scale(workers: number): void {
    for (let id = 1; id <= workers; id++) if (!this.#slots.has(id)) this.#open(id);
    for (const slot of [...this.#slots.values()]) if (slot.id > workers) this.#give(slot);
  }

  /**
   * Replaces all workers, one after the other, as long as the new ones boot. A reload that is
   * asked for while another is under way begins when that one is done.
   */
  reload(): Promise<ReloadResult> {
    if (this.#reloading === null) return this.#startReload();
    this.#reloadAgain ??= this.#reloading.then(() => {
      this.#reloadAgain = null;
      return this.#startReload();
    });
    return this.#reloadAgain;
  }

  /** Lets all workers go, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#started?.resolve();
    await Promise.all(this.slots.map((slot) => slot.close()));
  }

  /** Ends all workers now, and resolves when they are gone. */
  async stop(): Promise<void> {
    this.#closing = true;
    this.#started?.resolve();
    await Promise.all(this.slots.map((slot) => slot.stop()));
  }

  /** Kills all workers. */
  kill(reason: string): void {
    for (const worker of this.workers) worker.kill(reason);
  }

  launch(slot: WorkerSlot): SupervisedWorker | BootFailure {
    return this.#options.launch(slot);
  }

  /** A worker has booted. */
  onBoot(): void {
    this.#everBooted = true;
    this.#checkStarted();
  }

  onBootFailure(slot: WorkerSlot, failure: BootFailure, retryMs: number | null): void {
    const { reason, output } = failure;
    if (!this.#everBooted && failure.definite) return this.#giveUp(slot, failure);
    const next = retryMs === null ? "" : `, next try in ${(retryMs / 1000).toFixed(1)} s`;
    const level = retryMs === null ? "error" : "warning";
    this.#log({ level, message: `Cannot boot as ${reason}${next}`, worker: slot.id, output });
    const looping = slot.failures >= this.limits.maxBootFailures;
    if (!this.#everBooted && looping) return this.#giveUp(slot, failure);
    if (slot.failures === this.limits.maxBootFailures) {
      const message = `Crash loop: died ${slot.failures} times in a row, last as ${reason}`;
      this.#log({ level: "error", message, worker: slot.id });
    }
    this.#checkStarted();
  }

  #giveUp(slot: WorkerSlot, { definite, reason, output }: BootFailure): void {
    const why = definite ? reason : `it died ${slot.failures} times in a row: ${reason}`;
    const message = `Cannot boot ${this.#options.program} as ${why}`;
    this.#started?.reject(new BootError(message, output));
    void this.stop();
  }

  #checkStarted(): void {
    const slots = [...this.#slots.values()];
    if (this.#everBooted && slots.every((slot) => slot.tried)) this.#started?.resolve();
  }

  #open(id: number): void {
    const slot = new WorkerSlot(id, this);
    this.#slots.set(id, slot);
    void slot.boot();
  }

  #give(slot: WorkerSlot): void {
    this.#slots.delete(slot.id);
    this.#leaving.add(slot);
    void slot.close().then(() => this.#leaving.delete(slot));
  }

  #startReload(): Promise<ReloadResult> {
    const reload = this.#reloading = this.#reload().finally(() => {
      if (this.#reloading === reload) this.#reloading = null;
    });
    return reload;
  }

  async #reload(): Promise<ReloadResult> {
    let replaced = 0;
    for (const slot of [...this.#slots.values()]) {
      if (this.#closing) break;
      // Scaling down meanwhile may have given the place up.
      if (this.#slots.get(slot.id) !== slot) continue;
      // A place that was just opened gets a worker of the program as it is now anyway.
      const failure = await (slot.tried ? slot.replace() : slot.boot());
      if (failure !== null) return { replaced, failure };
      replaced++;
    }
    return { replaced, failure: null };
  }

  #log(entry: LogEntry): void {
    this.#options.onLog(entry);
  }
}
