import type { EventLoop, Handle } from "../loop/mod.ts";
import { bootFailure } from "./_boot_failure.ts";
import type { BootFailure } from "./boot_error.ts";
import type { Limits } from "./_settings.ts";
import type { ProcessExit } from "./process_spawner.ts";
import type { SupervisedWorker } from "./_supervised_worker.ts";
import type { WorkerState } from "./worker_handle.ts";

/** The first pause before a worker that keeps dying is started again. */
const FIRST_BACKOFF_MS = 100;

/** What a place needs of its pool. */
export interface SlotHost {
  /** The loop whose timers are used. */
  readonly loop: EventLoop;
  /** Times and limits. */
  readonly limits: Limits;
  /** Starts a worker for a place; a failure to start is told as a failed boot. */
  launch(slot: WorkerSlot): SupervisedWorker | BootFailure;
  /** A worker of the place could not be booted; the next try is `retryMs` from now, if any. */
  onBootFailure(slot: WorkerSlot, failure: BootFailure, retryMs: number | null): void;
}

/**
 * The place of a worker: has one worker at work, starts another when that one dies, and replaces
 * it without a gap: the new one first, then the old one goes.
 */
export class WorkerSlot {
  /** The number of the place, from 1. */
  readonly id: number;
  /** Deaths and failed boots in a row. */
  failures = 0;
  /** How often a worker was started here. */
  starts = 0;
  /** Whether a boot has succeeded or failed here. */
  tried = false;
  readonly #host: SlotHost;
  readonly #workers = new Set<SupervisedWorker>();
  #current: SupervisedWorker | null = null;
  #successor: SupervisedWorker | null = null;
  #boot: PromiseWithResolvers<BootFailure | null> | null = null;
  #retry: Handle | null = null;
  #renew = false;
  #closing = false;
  #tidied: PromiseWithResolvers<void> | null = null;
  #emptied: PromiseWithResolvers<void> | null = null;

  constructor(id: number, host: SlotHost) {
    this.id = id;
    this.#host = host;
  }

  /** The worker that serves here. */
  get current(): SupervisedWorker | null {
    return this.#current;
  }

  /** All processes of the place that have not ended. */
  get workers(): ReadonlySet<SupervisedWorker> {
    return this.#workers;
  }

  /**
   * Boots a worker, which then takes the place of the one that serves.
   *
   * @returns Why it could not be booted, or `null`.
   */
  boot(): Promise<BootFailure | null> {
    if (this.#boot !== null) return this.#boot.promise;
    this.#retry?.cancel();
    this.#retry = null;
    const boot = this.#boot = Promise.withResolvers<BootFailure | null>();
    this.starts++;
    const launched = this.#host.launch(this);
    if ("pid" in launched) {
      this.#successor = launched;
      this.#workers.add(launched);
    } else this.#host.loop.callSoon(() => this.#fail(launched));
    return boot.promise;
  }

  /** Boots a worker from the program as it is now, even if one is booting already. */
  async replace(): Promise<BootFailure | null> {
    if (this.#boot !== null) await this.#boot.promise;
    await this.#tidy();
    return this.#closing ? null : await this.boot();
  }

  /** Replaces the worker, and tries until it is done. */
  async renew(): Promise<void> {
    if (this.#renew) return;
    this.#renew = true;
    await this.#tidy();
    if (this.#renew && !this.#closing) await this.boot();
  }

  /** Lets all workers of the place go, and resolves when they are gone. */
  close(): Promise<void> {
    return this.#empty((worker) => worker.retire());
  }

  /** Ends all workers of the place now, and resolves when they are gone. */
  stop(): Promise<void> {
    return this.#empty((worker) => worker.stop());
  }

  /** A worker of the place has booted. */
  booted(worker: SupervisedWorker): void {
    const old = this.#current;
    this.#current = worker;
    this.#successor = null;
    this.#renew = false;
    this.tried = true;
    this.#settle(null);
    if (old === null) return;
    // The one before lived until now.
    this.failures = 0;
    old.retire();
  }

  /** A worker of the place has ended. */
  ended(worker: SupervisedWorker, exit: ProcessExit, state: WorkerState): void {
    this.#workers.delete(worker);
    if (worker === this.#successor) {
      this.#successor = null;
      this.#fail(bootFailure(worker, exit));
    } else if (worker === this.#current) {
      this.#current = null;
      if (state === "ready") this.#bury(worker);
    }
    if (this.#workers.size <= 1) this.#tidied?.resolve();
    if (this.#workers.size === 0) this.#emptied?.resolve();
  }

  // Workers that take long to go must not pile up.
  async #tidy(): Promise<void> {
    if (this.#workers.size <= 1) return;
    this.#tidied ??= Promise.withResolvers();
    await this.#tidied.promise;
    this.#tidied = null;
  }

  #bury(worker: SupervisedWorker): void {
    const { loop, limits } = this.#host;
    const upMs = loop.now() - (worker.readyAt ?? worker.startedAt);
    this.failures = upMs >= limits.minUptimeMs ? 0 : this.failures + 1;
    if (this.#boot === null && !this.#closing) this.#bootLater();
  }

  #fail(failure: BootFailure): void {
    this.failures++;
    this.tried = true;
    const wanted = !this.#closing && (this.#current === null || this.#renew);
    this.#settle(failure);
    const retryMs = wanted ? this.#bootLater() : null;
    if (!this.#closing) this.#host.onBootFailure(this, failure, retryMs);
  }

  #settle(failure: BootFailure | null): void {
    this.#boot?.resolve(failure);
    this.#boot = null;
  }

  // The first death costs no time; then each pause is twice as long as the one before.
  #bootLater(): number {
    const { loop, limits } = this.#host;
    const doubled = FIRST_BACKOFF_MS * 2 ** (this.failures - 2);
    const pauseMs = this.failures < 2 ? 0 : Math.min(limits.maxBackoffMs, doubled);
    const delayMs = pauseMs * (1 - 0.5 * loop.random.next());
    this.#retry = loop.callLater(delayMs, () => void this.boot());
    return delayMs;
  }

  #empty(end: (worker: SupervisedWorker) => void): Promise<void> {
    this.#closing = true;
    this.#retry?.cancel();
    for (const worker of this.#workers) end(worker);
    this.#emptied ??= Promise.withResolvers<void>();
    if (this.#workers.size === 0) this.#emptied.resolve();
    return this.#emptied.promise;
  }
}
