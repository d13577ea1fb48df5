import { EventLoop } from "../loop/mod.ts";
import type { BootFailure } from "./boot_error.ts";
import type { Bus } from "./bus.ts";
import { Libc } from "./linux/libc.ts";
import { noticesHere } from "./_notices.ts";
import { checkSpares, checkWorkers, resolveLimits, resolveShare } from "./_settings.ts";
import type { Share } from "./share.ts";
import { SpareSpawner } from "./_spare_spawner.ts";
import { SubprocessSpawner } from "./_subprocess_spawner.ts";
import type { SupervisedWorker, WorkerObserver } from "./_supervised_worker.ts";
import { SupervisorBus } from "./_supervisor_bus.ts";
import { SupervisorJournal } from "./_supervisor_journal.ts";
import type { DrainOptions, SupervisorOptions } from "./supervisor_options.ts";
import type { SupervisorStatus, WorkerStatus } from "./supervisor_status.ts";
import { openTraffic, type Traffic } from "./_traffic.ts";
import type { WorkerHandle } from "./worker_handle.ts";
import { WorkerLauncher } from "./_worker_launcher.ts";
import { type ReloadResult, WorkerPool } from "./_worker_pool.ts";
import type { WorkerSlot } from "./_worker_slot.ts";

/**
 * Keeps a number of processes at work that run the same program and share a port. One that dies
 * is replaced, one that hangs is killed, and all can be replaced by ones with new code without
 * losing a connection.
 *
 * @example Two workers
 * ```ts ignore
 * import { Supervisor } from "@sluice/sluice/prefork";
 *
 * await using supervisor = new Supervisor({ entry: "app.ts", workers: 2, port: 8000 });
 * await supervisor.start();
 * await supervisor.reload();
 * ```
 */
export class Supervisor implements AsyncDisposable {
  readonly #options: SupervisorOptions;
  readonly #loop: EventLoop;
  readonly #share: Share;
  readonly #spawner: SpareSpawner;
  readonly #launcher: WorkerLauncher;
  readonly #pool: WorkerPool;
  readonly #bus = new SupervisorBus();
  readonly #journal: SupervisorJournal;
  readonly #finished = Promise.withResolvers<void>();
  #size: number;
  #startedAt = 0;
  #libc: Libc | null = null;
  #traffic: Traffic | null = null;
  #zeroLoss = false;
  #notices: string[] | null = null;
  #stopping: "no" | "gracefully" | "fast" = "no";

  /**
   * Makes a supervisor.
   *
   * @param options See {@linkcode SupervisorOptions}.
   * @throws {RangeError} When a number makes no sense.
   * @throws {TypeError} When the system can't do what was asked for.
   * @throws {PermissionError} When workers were to be permitted more than the supervisor.
   * @throws {PermissionFlagError} When a flag is none about permissions, or one where it must not be.
   */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#size = checkWorkers(options.workers ?? 1);
    this.#share = resolveShare(options, Deno.build.os);
    const loop = this.#loop = options.loop ?? EventLoop.default();
    const limits = resolveLimits(options);
    const spawner = this.#spawner = new SpareSpawner({
      spawner: options.spawner ?? new SubprocessSpawner(loop),
      loop,
      spares: checkSpares(options.spares ?? 0),
    });
    this.#journal = new SupervisorJournal(options);
    this.#launcher = new WorkerLauncher({
      supervisor: options,
      share: this.#share,
      limits,
      loop,
      spawner,
    });
    this.#pool = new WorkerPool({
      program: this.#launcher.program,
      loop,
      limits,
      launch: (slot) => this.#launch(slot),
      onLog: (entry) => this.#journal.log(entry),
    });
  }

  /** The interface that the workers listen on. */
  get hostname(): string {
    return this.#options.hostname ?? "0.0.0.0";
  }

  /** The port that the workers share, once it is known; 0 when there is none. */
  get port(): number {
    return this.#traffic?.port ?? this.#options.port ?? 0;
  }

  /** The descriptor of the listening socket that workers inherit, or -1. */
  get listenFd(): number {
    return this.#traffic?.listenFd ?? -1;
  }

  /** How many workers there should be. */
  get size(): number {
    return this.#pool.size;
  }

  /** The workers, those that have to go included. */
  get workers(): readonly WorkerHandle[] {
    return this.#pool.workers;
  }

  /** Where workers, and this process, publish small messages. */
  get bus(): Bus {
    return this.#bus;
  }

  /** Whether the supervisor stops, or has stopped. */
  get stopping(): boolean {
    return this.#stopping !== "no";
  }

  /** Resolves when the supervisor has stopped, and all workers are gone. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /**
   * Starts the workers, and resolves once they serve, or the supervisor is stopped before. A
   * worker that can't be booted while others can is tried again in the background.
   *
   * @throws {BootError} When no worker can be booted.
   * @throws {ListenError} When the port can't be had.
   */
  async start(): Promise<void> {
    this.#startedAt = this.#loop.now();
    if (this.#share !== "none") this.#libc = Libc.open();
    try {
      this.#traffic = openTraffic({
        ...this.#options,
        share: this.#share,
        libc: this.#libc,
        onFailure: (reason) => this.#steeringFailed(reason),
      });
      await this.#pool.start(this.#size);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Has another number of workers. Those with the highest numbers go first.
   *
   * @throws {RangeError} When the number makes no sense.
   */
  scale(workers: number): void {
    checkWorkers(workers);
    if (this.#stopping !== "no") return;
    if (workers > 0) this.#size = workers;
    this.#journal.log({
      level: "info",
      message: `Scaling from ${this.size} to ${workers} workers`,
    });
    this.#pool.scale(workers);
  }

  /**
   * Replaces the workers, one after the other, by new ones that run the program as it is now. When
   * a new one doesn't boot, the reload is given up and the others serve on. All workers that were
   * dropped by `scale(0)` are started again.
   */
  async reload(): Promise<ReloadResult> {
    if (this.size === 0 && this.#stopping === "no") this.#pool.scale(this.#size);
    this.#journal.log({ level: "info", message: `Reloading ${this.size} workers` });
    const result = await this.#pool.reload();
    if (this.#stopping !== "no") return result;
    const { failure, replaced } = result;
    if (failure === null) {
      this.#journal.counts.reloads++;
      this.#journal.log({ level: "info", message: `Reloaded ${replaced} workers` });
    } else {
      this.#journal.counts.failedReloads++;
      const message = `Gave up reload as ${failure.reason}; ${this.size - replaced} of ` +
        `${this.size} workers serve on with the old program`;
      this.#journal.log({ level: "error", message, worker: failure.worker });
    }
    return result;
  }

  /** Tells all workers to open their log files again, as they were rotated. */
  reopenLogs(): void {
    for (const worker of this.#pool.workers) worker.reopen();
  }

  /**
   * Stops gracefully: lets the workers finish what they do.
   *
   * @param options See {@linkcode DrainOptions}.
   */
  async drain(options: DrainOptions = {}): Promise<void> {
    if (this.#stopping === "no") {
      this.#stopping = "gracefully";
      if (!options.handOver) this.#traffic?.steering.disband();
      this.#journal.log({ level: "info", message: "Stopping gracefully" });
      await Promise.all([this.#pool.close(), this.#spawner.close()]);
      this.#release();
    }
    await this.finished;
  }

  /** The supervisor that this one takes over from is gone, and so are its workers. */
  tookOver(): void {
    this.#traffic?.steering.refresh();
  }

  /** Stops at once: what workers do is given up. */
  async close(): Promise<void> {
    if (this.#stopping !== "fast") {
      const first = this.#stopping === "no";
      this.#stopping = "fast";
      this.#traffic?.steering.disband();
      await Promise.all([this.#pool.stop(), this.#spawner.close()]);
      if (first) this.#release();
    }
    await this.finished;
  }

  /** Same as {@linkcode drain}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  /** How the supervisor and its workers are doing. */
  status(): SupervisorStatus {
    const now = this.#loop.now();
    return {
      pid: Deno.pid,
      uptimeMs: Math.round(now - this.#startedAt),
      hostname: this.hostname,
      port: this.port,
      share: this.#share,
      zeroLoss: this.#zeroLoss,
      notices: this.#notices ?? [],
      size: this.size,
      spares: this.#spawner.waiting,
      crashLooping: this.#pool.crashLooping,
      counts: { ...this.#journal.counts },
      workers: this.#pool.workers.map((worker) => statusOf(worker, now)),
    };
  }

  #launch(slot: WorkerSlot): SupervisedWorker | BootFailure {
    const place = { id: slot.id, traffic: this.#traffic! };
    const launched = this.#launcher.launch(place, this.#observerFor(slot));
    if ("pid" in launched) this.#journal.spawned(launched);
    return launched;
  }

  #observerFor(slot: WorkerSlot): WorkerObserver {
    const journal = this.#journal;
    return {
      onReady: (worker) => {
        journal.ready(worker, this.#loop.now() - worker.startedAt);
        this.#takeNotice(worker);
        slot.booted(worker);
        this.#pool.onBoot();
      },
      onExit: (worker, exit, state) => {
        this.#bus.forget(worker);
        journal.ended(worker, exit, state);
        slot.ended(worker, exit, state);
      },
      onSpent: (worker, reason) => {
        journal.note("info", `Replacing as ${reason}`, worker);
        void slot.renew();
      },
      onMessage: (worker, bytes) => this.#options.onMessage?.(bytes, worker),
      onPublish: (worker, payload) => this.#bus.relay(worker, payload),
      onTopic: (worker, topic, wanted) =>
        wanted ? this.#bus.join(topic, worker) : this.#bus.leave(topic, worker),
      onLine: (worker, stream, line) =>
        this.#options.onOutput?.(line, { worker: worker.id, stream }),
      onWarning: (worker, message) => journal.note("warning", message, worker),
    };
  }

  /** Says once, as soon as a worker shows it, what can't be promised here. */
  #takeNotice(worker: SupervisedWorker): void {
    if (this.#notices !== null) return;
    const steeringFault = this.#traffic!.steering.probe(worker.pid);
    const notices = noticesHere({ ...this.#options, share: this.#share, steeringFault });
    for (const message of notices) this.#journal.log({ level: "warning", message });
    this.#zeroLoss = steeringFault === null;
    this.#notices = notices;
  }

  #steeringFailed(reason: string): void {
    const message = `Connections may be lost as they can't be kept away from a worker: ${reason}`;
    this.#journal.log({ level: "warning", message });
  }

  #release(): void {
    this.#traffic?.[Symbol.dispose]();
    this.#libc?.[Symbol.dispose]();
    this.#finished.resolve();
  }
}

function statusOf(worker: SupervisedWorker, now: number): WorkerStatus {
  const { id, pid, state, startedAt, rssBytes, requests } = worker;
  return { id, pid, state, uptimeMs: Math.round(now - startedAt), rssBytes, requests };
}
