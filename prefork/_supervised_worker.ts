import type { EventLoop, Handle } from "../loop/mod.ts";
import {
  decodeToSupervisor,
  encodeControl,
  type ToSupervisor,
  type ToWorker,
} from "./_control_message.ts";
import { bootFailure } from "./_boot_failure.ts";
import { FrameKind } from "./_frame.ts";
import { LastWords } from "./_last_words.ts";
import type { Limits } from "./_settings.ts";
import type {
  ProcessCommand,
  ProcessEvents,
  ProcessExit,
  ProcessSpawner,
  SpawnedProcess,
} from "./process_spawner.ts";
import type { Steering } from "./steering.ts";
import { TailOfOutput } from "./_tail_of_output.ts";
import type { WorkerConfig } from "./_worker_config.ts";
import type { WorkerHandle, WorkerState } from "./worker_handle.ts";

/** How often the connections that wait for a worker which has to go are looked at. */
const BACKLOG_CHECK_MS = 20;
const DEPARTURE_CHECK_MS = 20;
/** How often connections of a worker that has to go are looked for. */
const LINGER_CHECK_MS = 100;

/** What Deno says of every program that the agent is about to serve. */
const UNAWARE_HINT = "Detected export default { fetch }, did you mean to run";

/** Whom a worker reports to. */
export interface WorkerObserver {
  /** It has booted. */
  onReady(worker: SupervisedWorker): void;
  /** Its process has ended, in the given state. */
  onExit(worker: SupervisedWorker, exit: ProcessExit, state: WorkerState): void;
  /** It should be replaced, for the given reason. */
  onSpent(worker: SupervisedWorker, reason: string): void;
  /** Its program sent bytes. */
  onMessage(worker: SupervisedWorker, bytes: Uint8Array<ArrayBuffer>): void;
  /** It published a message. */
  onPublish(worker: SupervisedWorker, payload: Uint8Array<ArrayBuffer>): void;
  /** It wants the messages of a topic, or no longer. */
  onTopic(worker: SupervisedWorker, topic: string, wanted: boolean): void;
  /** It printed a line. */
  onLine(worker: SupervisedWorker, stream: "stdout" | "stderr", line: string): void;
  /** Something is amiss. */
  onWarning(worker: SupervisedWorker, message: string): void;
}

/** What a worker is started with. */
export interface SupervisedWorkerOptions {
  /** The number of its place. */
  id: number;
  /** The loop whose timers are used. */
  loop: EventLoop;
  /** Its times and limits. */
  limits: Limits;
  /** What keeps connections away from it. */
  steering: Steering;
  /** Starts its process. */
  spawner: ProcessSpawner;
  /** The process to start. */
  command: ProcessCommand;
  /** What it is told first. */
  config: WorkerConfig;
  /** Whom it reports to. */
  observer: WorkerObserver;
}

/** One process, from its start to its end. */
export class SupervisedWorker implements WorkerHandle {
  readonly id: number;
  readonly pid: number;
  /** When it was started, on the loop's clock. */
  readonly startedAt: number;
  /** When it had booted, or `null`. */
  readyAt: number | null = null;
  /** Its resident memory when it was last asked. */
  rssBytes = 0;
  /** Requests it has served when it was last asked. */
  requests = 0;
  /** Why it can't work, as it says itself. */
  failure: string | null = null;
  /** Why it was killed. */
  killReason: string | null = null;
  /** What it printed last. */
  readonly output = new TailOfOutput();
  readonly #lastWords: LastWords;
  readonly #options: SupervisedWorkerOptions;
  readonly #process: SpawnedProcess;
  readonly #maxMemoryBytes: number;
  #state: WorkerState = "booting";
  #managed = false;
  #missed = 0;
  #spent = false;
  #suspect = false;
  #leaveBy = 0;
  #lingerBy = 0;
  #http = false;
  #drained = false;
  #heartbeat: Handle | null = null;
  #deadline: Handle | null = null;
  #step: Handle | null = null;

  /**
   * Starts the process.
   *
   * @throws When the system can't start it.
   */
  constructor(options: SupervisedWorkerOptions) {
    const { loop, limits } = options;
    this.#options = options;
    this.#lastWords = new LastWords((stream, line) => options.observer.onLine(this, stream, line));
    this.id = options.id;
    this.startedAt = loop.now();
    this.#maxMemoryBytes = limits.maxMemoryBytes * (1 - limits.jitter * loop.random.next());
    this.#process = options.spawner.spawn(options.command, this.#events());
    this.pid = this.#process.pid;
    this.#tell({ type: "config", config: options.config });
    this.#limit(limits.bootTimeoutMs, "it did not boot in time");
  }

  get state(): WorkerState {
    return this.#state;
  }

  /** Whether it has to go, or is gone. */
  get leaving(): boolean {
    return this.#state !== "booting" && this.#state !== "ready";
  }

  send(bytes: Uint8Array): boolean {
    return this.#process.send(FrameKind.message, bytes);
  }

  /** Gives it a message of the bus. */
  deliver(payload: Uint8Array): boolean {
    return this.#process.send(FrameKind.publish, payload);
  }

  /** Has it open its log files again. */
  reopen(): void {
    this.#tell({ type: "reopen" });
  }

  /** Has it go without losing anything: steer away, drain, finish, end. */
  retire(): void {
    if (this.#state === "booting") return this.stop();
    if (this.#state !== "ready") return;
    this.#state = "draining";
    this.#options.steering.depart(this.pid, () => this.#drain());
  }

  #drain(): void {
    if (this.#state !== "draining") return;
    this.#tell({ type: "drain" });
    const { loop, limits } = this.#options;
    this.#leaveBy = loop.now() + limits.gracefulTimeoutMs;
    this.#lingerBy = loop.now() + Math.min(limits.lingerMs, limits.gracefulTimeoutMs);
    this.#after(this.#drainMs(), () => this.#leave());
  }

  /** Has it go now, whatever it does. */
  stop(): void {
    if (this.#state === "stopping" || this.#state === "exited") return;
    this.#state = "stopping";
    this.#limit(this.#options.limits.stopTimeoutMs, "it did not stop in time");
    if (this.#managed) this.#tell({ type: "stop" });
    else this.#process.kill("SIGTERM");
  }

  /** Kills it. */
  kill(reason: string): void {
    if (this.#state === "exited") return;
    this.killReason ??= reason;
    this.#process.kill("SIGKILL");
  }

  #events(): ProcessEvents {
    const { observer } = this.#options;
    return {
      onFrame: (kind, payload) => {
        if (kind === FrameKind.message) observer.onMessage(this, payload);
        else if (kind === FrameKind.publish) observer.onPublish(this, payload);
        else this.#hear(decodeToSupervisor(payload));
      },
      onFault: (fault) => this.kill(`it spoke nonsense: ${fault}`),
      onLine: (stream, line) => {
        if (line.includes(UNAWARE_HINT)) return;
        this.output.push(line);
        this.#lastWords.push(stream, line, this.#state === "booting");
      },
      onExit: (exit) => this.#end(exit),
    };
  }

  #hear(message: ToSupervisor | null): void {
    if (message === null) return this.kill("it spoke nonsense");
    switch (message.type) {
      case "hello":
        return this.#beginHeartbeat();
      case "managed":
        this.#managed = true;
        return this.#step?.cancel();
      case "loaded":
        if (!this.#managed) this.#after(this.#options.limits.settleMs, () => this.#become());
        return;
      case "ready":
        this.#http = message.http ?? false;
        return this.#become();
      case "drained":
        this.#drained = true;
        return;
      case "failed":
        this.failure = message.reason;
        return this.#tell({ type: "stop" });
      case "done":
        return this.#tell({ type: "stop" });
      case "pong":
        return this.#pong(message);
      case "spent":
        return this.#expire("it has served its requests");
      case "subscribe":
      case "unsubscribe":
        this.#options.observer.onTopic(this, message.topic, message.type === "subscribe");
    }
  }

  #become(): void {
    if (this.#state !== "booting") return;
    this.#state = "ready";
    // Programs that are being loaded don't answer.
    this.#missed = 0;
    this.readyAt = this.#options.loop.now();
    this.#deadline?.cancel();
    this.#lastWords.release();
    this.#options.steering.changed(this.pid);
    this.#options.observer.onReady(this);
  }

  #beginHeartbeat(): void {
    if (this.#heartbeat !== null) return;
    const { loop, limits } = this.#options;
    this.#heartbeat = loop.every(limits.heartbeatMs, () => this.#beat());
    this.#beat();
  }

  // Heartbeats are counted, not timed: a supervisor that was suspended itself would take all of
  // its workers for hung.
  #beat(): void {
    const { heartbeatMs, timeoutMs } = this.#options.limits;
    const silentMs = this.#missed++ * heartbeatMs;
    if (this.#state !== "booting") {
      if (silentMs >= timeoutMs) return this.kill(`it was silent for ${timeoutMs / 1000} s`);
      if (silentMs >= timeoutMs / 2) this.#suspectHang(silentMs);
    }
    this.#tell({ type: "ping" });
  }

  #suspectHang(silentMs: number): void {
    if (this.#suspect || this.#state !== "ready") return;
    this.#suspect = true;
    this.#options.steering.away(this.pid);
    this.#options.observer.onWarning(this, `silent for ${silentMs / 1000} s`);
  }

  #pong({ rssBytes, requests }: { rssBytes: number; requests: number }): void {
    this.#missed = 0;
    this.rssBytes = rssBytes;
    this.requests = requests;
    if (this.#suspect && this.#state === "ready") {
      this.#suspect = false;
      this.#options.steering.back(this.pid);
    }
    if (this.#maxMemoryBytes > 0 && rssBytes >= this.#maxMemoryBytes) {
      this.#expire(`it uses ${Math.round(rssBytes / 2 ** 20)} MiB`);
    }
  }

  #expire(reason: string): void {
    if (this.#spent || this.#state !== "ready") return;
    this.#spent = true;
    this.#options.observer.onSpent(this, reason);
  }

  // A worker that has no connections need not drain.
  #drainMs(): number {
    const { limits, steering, config } = this.#options;
    if (config.share === "none") return 0;
    return this.#managed || steering.works ? limits.drainMs : 0;
  }

  #leave(): void {
    if (this.#state !== "draining") return;
    const { steering, limits, loop } = this.#options;
    if (steering.backlog(this.pid) > 0 && loop.now() < this.#leaveBy) {
      return this.#after(BACKLOG_CHECK_MS, () => this.#leave());
    }
    if (loop.now() < this.#lingerBy && this.#hasKeptConnections()) {
      return this.#after(LINGER_CHECK_MS, () => this.#leave());
    }
    this.#state = "retiring";
    this.#limit(limits.gracefulTimeoutMs, "it did not finish in time");
    if (this.#managed) this.#tell({ type: "retire" });
    else this.#process.kill("SIGTERM");
    this.#awaitDeparture();
  }

  // Who ends a connection that is kept alive may cut off a request that is on its way.
  #hasKeptConnections(): boolean {
    const { steering, config } = this.#options;
    if (!this.#http || steering.disbanded) return false;
    return config.share === "inherit" ? !this.#drained : steering.hasConnections(this.pid);
  }

  #awaitDeparture(): void {
    if (this.#options.steering.departed(this.pid)) return;
    this.#after(DEPARTURE_CHECK_MS, () => this.#awaitDeparture());
  }

  #end(exit: ProcessExit): void {
    if (this.#state === "exited") return;
    this.#heartbeat?.cancel();
    this.#deadline?.cancel();
    this.#step?.cancel();
    this.#options.steering.changed(this.pid);
    const state = this.#state;
    this.#state = "exited";
    if (state !== "booting" || !bootFailure(this, exit).definite) this.#lastWords.release();
    this.#options.observer.onExit(this, exit, state);
  }

  #tell(message: ToWorker): void {
    this.#process.send(FrameKind.control, encodeControl(message));
  }

  #limit(ms: number, reason: string): void {
    this.#deadline?.cancel();
    this.#deadline = this.#options.loop.callLater(ms, () => this.kill(reason));
  }

  #after(ms: number, callback: () => void): void {
    this.#step?.cancel();
    this.#step = this.#options.loop.callLater(ms, callback);
  }
}
