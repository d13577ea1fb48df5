import { describeExit } from "./_describe_exit.ts";
import type { LogEntry, LogLevel } from "./log_entry.ts";
import type { ProcessExit } from "./process_spawner.ts";
import type { SupervisedWorker } from "./_supervised_worker.ts";
import type { SupervisorCounts } from "./supervisor_status.ts";
import type { WorkerEnd, WorkerHooks } from "./worker_hooks.ts";
import type { WorkerState } from "./worker_handle.ts";

/** Options of {@linkcode SupervisorJournal}. */
export interface SupervisorJournalOptions {
  /** Whom to tell what is worth a line in a log. */
  onLog?: (entry: LogEntry) => void;
  /** What the program does when workers come and go. */
  hooks?: WorkerHooks;
}

/** Counts, logs and tells the program what happens to workers. */
export class SupervisorJournal {
  /** What was counted. */
  readonly counts: SupervisorCounts = {
    spawned: 0,
    crashed: 0,
    killed: 0,
    bootFailures: 0,
    reloads: 0,
    failedReloads: 0,
  };
  readonly #options: SupervisorJournalOptions;

  constructor(options: SupervisorJournalOptions) {
    this.#options = options;
  }

  /** Writes an entry. */
  log(entry: LogEntry): void {
    this.#options.onLog?.(entry);
  }

  /** Writes an entry about a worker. */
  note(level: LogLevel, message: string, worker: SupervisedWorker): void {
    this.log({ level, message, worker: worker.id, pid: worker.pid });
  }

  /** A worker was started. */
  spawned(worker: SupervisedWorker): void {
    this.counts.spawned++;
    this.#call("afterSpawn", { id: worker.id, pid: worker.pid });
  }

  /** A worker has booted. */
  ready(worker: SupervisedWorker, afterMs: number): void {
    this.note("info", `Ready after ${Math.round(afterMs)} ms`, worker);
    this.#call("workerReady", { id: worker.id, pid: worker.pid });
  }

  /** A worker has ended. */
  ended(worker: SupervisedWorker, exit: ProcessExit, state: WorkerState): void {
    const expected = state !== "booting" && state !== "ready";
    const reason = worker.killReason ?? worker.failure ?? describeExit(exit);
    if (worker.killReason !== null) this.counts.killed++;
    if (state === "booting") this.counts.bootFailures++;
    if (state === "ready") this.counts.crashed++;
    const { id, pid } = worker;
    if (state === "ready" || (expected && worker.killReason !== null)) {
      const message = `${worker.killReason === null ? "Died" : "Killed"} as ${reason}`;
      this.log({ level: "warning", message, worker: id, pid, output: worker.output.lines });
    } else if (expected) this.note("info", "Gone", worker);
    const end: WorkerEnd = { id, pid, ...exit, expected, reason };
    this.#call("workerExit", end);
  }

  #call<Name extends "afterSpawn" | "workerReady" | "workerExit">(
    name: Name,
    about: Parameters<Required<WorkerHooks>[Name]>[0],
  ): void {
    const { hooks } = this.#options;
    const failed = (error: unknown): void => {
      const reason = error instanceof Error ? error.message : String(error);
      this.log({ level: "error", message: `Hook ${name} failed: ${reason}` });
    };
    try {
      const hook = hooks?.[name] as ((about: unknown) => void | Promise<void>) | undefined;
      Promise.resolve(hook?.call(hooks, about)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
