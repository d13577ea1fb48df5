import type { EventLoop } from "../loop/mod.ts";
import type {
  ProcessCommand,
  ProcessEvents,
  ProcessSpawner,
  SpawnedProcess,
} from "./process_spawner.ts";

/** Lines that are kept for the worker that the process becomes. */
const MAX_LINES = 20;

/** Options of {@linkcode SpareProcess}. */
export interface SpareProcessOptions {
  /** What it is started with. */
  command: ProcessCommand;
  /** Called when it has ended without being adopted. */
  onDeath: (spare: SpareProcess) => void;
}

/** A process that waits to become a worker: nobody has told it yet which. */
export class SpareProcess {
  /** What it was started with. */
  readonly command: ProcessCommand;
  /** Whether it was killed here. */
  killed = false;
  readonly #process: SpawnedProcess;
  #events: ProcessEvents | null = null;
  #lines: Parameters<ProcessEvents["onLine"]>[] = [];

  /**
   * Starts the process.
   *
   * @throws When the system can't start it.
   */
  constructor(spawner: ProcessSpawner, { command, onDeath }: SpareProcessOptions) {
    this.command = command;
    this.#process = spawner.spawn(command, {
      onFrame: (kind, payload) => this.#events?.onFrame(kind, payload),
      onFault: (fault) => this.#events === null ? this.kill() : this.#events.onFault(fault),
      onLine: (...line) => {
        if (this.#events !== null) this.#events.onLine(...line);
        else if (this.#lines.length < MAX_LINES) this.#lines.push(line);
      },
      onExit: (exit) => this.#events === null ? onDeath(this) : this.#events.onExit(exit),
    });
  }

  /** Makes it a worker's: what it tells goes to `events` from now on. */
  adopt(events: ProcessEvents, loop: EventLoop): SpawnedProcess {
    this.#events = events;
    const lines = this.#lines;
    // Whoever asks for a process doesn't expect it to talk at once.
    loop.callSoon(() => lines.forEach((line) => events.onLine(...line)));
    return this.#process;
  }

  /** Kills it. */
  kill(): void {
    this.killed = true;
    this.#process.kill("SIGKILL");
  }
}
