import { EventLoop } from "../loop/mod.ts";
import { ControlEndpoint, type ControlPlace } from "./_control_endpoint.ts";
import { controlHandler } from "./_control_handler.ts";
import { LazyDashboard } from "./_lazy_dashboard.ts";
import type { Telemetry } from "../telemetry/mod.ts";
import type { LogEntry } from "./log_entry.ts";
import { LogFileError } from "./_log_file.ts";
import { MASTER_TITLE, PidFile } from "./pid_file.ts";
import type { OwnCommand } from "./_restart.ts";
import { ServiceManager } from "./_service_manager.ts";
import { MAX_WORKERS } from "./_settings.ts";
import { bindSignals } from "./signals.ts";
import { Predecessor, startSuccessor } from "./_succession.ts";
import { Supervisor } from "./supervisor.ts";
import type { SupervisorOptions } from "./supervisor_options.ts";
import type { ReloadResult } from "./_worker_pool.ts";

/** Options of {@linkcode supervise}. */
export interface SuperviseOptions {
  /** What to supervise. */
  supervisor: SupervisorOptions;
  /** How this process was started. */
  command: OwnCommand;
  /** Where to write the number of this process. */
  pidFile?: string;
  /** Where orders are taken. */
  control?: ControlPlace;
  /** Who may give orders through a port. */
  token?: string;
  /** Where measurements go, if anywhere. */
  telemetry?: Telemetry;
  /** Called with what is worth a line in a log. */
  onLog: (entry: LogEntry) => void;
  /** Called when something takes long: shows what `tell` says until it is disposed. */
  onWait: (loop: EventLoop, tell: () => string) => Disposable;
  /** Called when log files have to be opened again. */
  onReopen: () => void;
}

/**
 * Supervises until a signal or an order ends it: the work of the program.
 *
 * @throws {BootError} When no worker can be booted.
 * @throws {PidFileError} When another supervisor holds the pid file.
 * @throws {ListenError} When the port can't be had.
 */
export async function supervise(options: SuperviseOptions): Promise<void> {
  const session = new SupervisorSession(options);
  await session.run();
}

class SupervisorSession {
  readonly #options: SuperviseOptions;
  // There are timers only to wait for, and a poller of its own would cost memory.
  readonly #loop = new EventLoop({ poller: "portable" });
  readonly #predecessor = Predecessor.find();
  readonly #supervisor: Supervisor;
  readonly #manager: ServiceManager;
  #succeeding = false;

  constructor(options: SuperviseOptions) {
    this.#options = options;
    this.#manager = new ServiceManager(this.#loop);
    const { port } = options.supervisor;
    this.#supervisor = new Supervisor({
      ...options.supervisor,
      loop: this.#loop,
      // The predecessor knows which port the system has chosen.
      port: port === 0 ? this.#predecessor?.port ?? 0 : port,
      onLog: options.onLog,
      sharesWithPredecessor: this.#predecessor !== null,
    });
  }

  async run(): Promise<void> {
    const { supervisor: { entry } } = this.#options;
    using _manager = this.#manager;
    using _signals = this.#bindSignals();
    this.#setTitle(`${MASTER_TITLE} [${String(entry).replace(/^.*\//, "")}]`);
    await using stack = new AsyncDisposableStack();
    stack.defer(() => this.#supervisor.close());
    await this.#observe();
    if (this.#predecessor === null) await this.#takeOffice(stack);
    await this.#supervisor.start();
    if (!this.#supervisor.stopping) await this.#serve(stack);
    await this.#supervisor.finished;
  }

  async #observe(): Promise<void> {
    const { telemetry } = this.#options;
    if (telemetry === undefined) return;
    const { supervisorMetrics } = await import("./telemetry/mod.ts");
    telemetry.watch(supervisorMetrics(this.#supervisor));
  }

  async #serve(stack: AsyncDisposableStack): Promise<void> {
    const { port, hostname, size, finished } = this.#supervisor;
    const message = port === 0
      ? `running ${size} workers`
      : `listening on http://${hostname}:${port}, ${size} workers`;
    this.#log("info", message);
    this.#manager.ready(message);
    if (this.#predecessor === null) return;
    // It keeps its office until it is gone, as this one may come to nothing before.
    stack.use(this.#claimPidFile());
    this.#predecessor.dismiss();
    await Promise.race([finished, this.#predecessor.gone]);
    if (this.#supervisor.stopping) return;
    this.#supervisor.tookOver();
    await this.#openControl(stack);
  }

  async #takeOffice(stack: AsyncDisposableStack): Promise<void> {
    stack.use(this.#claimPidFile());
    await this.#openControl(stack);
  }

  #claimPidFile(): PidFile | null {
    const { pidFile } = this.#options;
    if (pidFile === undefined) return null;
    return PidFile.claim(pidFile, { predecessor: this.#predecessor?.pid });
  }

  #bindSignals(): Disposable {
    const supervisor = this.#supervisor;
    return bindSignals({
      grow: () => supervisor.size < MAX_WORKERS && supervisor.scale(supervisor.size + 1),
      shrink: () => this.#shrink(),
      reload: () => void this.#reload(),
      drain: () => this.#drain(),
      close: () => this.#close(),
      reopenLogs: () => this.#reopenLogs(),
      succeed: () => void this.#succeed(),
      dropWorkers: () => supervisor.scale(0),
    });
  }

  #shrink(): void {
    const { size } = this.#supervisor;
    if (size > 1) this.#supervisor.scale(size - 1);
    else this.#log("info", "Keeping the last worker");
  }

  async #openControl(stack: AsyncDisposableStack): Promise<void> {
    const { control, token } = this.#options;
    if (control === undefined) return;
    const supervisor = this.#supervisor;
    const owned = "path" in control;
    const supervised = {
      status: () => supervisor.status(),
      reload: () => this.#reload(),
      scale: (workers: number) => supervisor.scale(workers),
      drain: () => this.#drain(),
    };
    const orders = owned ? "all" : token === undefined ? "none" : { token };
    const handler = controlHandler(supervised, { orders });
    const dashboard = new LazyDashboard({
      supervisor: supervised,
      token: token || undefined,
      readers: "all",
      loop: this.#loop,
      onError: (error) => this.#log("error", error instanceof Error ? error.message : `${error}`),
    });
    stack.use(
      await ControlEndpoint.open(
        control,
        (request) => dashboard.serves(request) ? dashboard.fetch(request) : handler(request),
      ),
    );
    stack.use(dashboard);
  }

  async #reload(): Promise<ReloadResult> {
    this.#manager.reloading();
    const result = await this.#supervisor.reload();
    this.#manager.ready(result.failure === null ? "Serving" : "Serving with the old program");
    return result;
  }

  #drain(): void {
    this.#manager.stopping();
    void this.#follow(this.#supervisor.drain());
  }

  async #follow(draining: Promise<void>): Promise<void> {
    using _line = this.#options.onWait(this.#loop, () => {
      const { length } = this.#supervisor.status().workers;
      return `stopping: ${length} workers are at work`;
    });
    await draining;
  }

  #close(): void {
    this.#manager.stopping();
    this.#log("info", "Stopping at once");
    void this.#supervisor.close();
  }

  #reopenLogs(): void {
    this.#supervisor.reopenLogs();
    try {
      this.#options.onReopen();
      this.#log("info", "Opened log files again");
    } catch (error) {
      if (!(error instanceof LogFileError)) throw error;
      this.#log("error", error.message);
    }
  }

  async #succeed(): Promise<void> {
    if (this.#succeeding) return;
    this.#succeeding = true;
    this.#log("info", "Starting a successor");
    const failure = await startSuccessor(this.#options.command, this.#supervisor);
    this.#succeeding = false;
    if (failure !== null) {
      return this.#log("error", `Cannot leave to a successor as ${failure}; serving on`);
    }
    this.#log("info", "The successor serves, leaving to it");
    this.#setTitle(`${MASTER_TITLE}, leaving`);
    await this.#supervisor.drain({ handOver: true });
  }

  #log(level: LogEntry["level"], message: string): void {
    this.#options.onLog({ level, message });
  }

  #setTitle(title: string): void {
    (globalThis as unknown as { process: { title: string } }).process.title = title;
  }
}
