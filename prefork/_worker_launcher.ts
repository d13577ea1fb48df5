import type { EventLoop } from "../loop/mod.ts";
import type { BootFailure } from "./boot_error.ts";
import type { Limits } from "./_settings.ts";
import type { ProcessSpawner } from "./process_spawner.ts";
import type { Share } from "./share.ts";
import { SupervisedWorker, type WorkerObserver } from "./_supervised_worker.ts";
import type { SupervisorOptions } from "./supervisor_options.ts";
import type { Traffic } from "./_traffic.ts";
import { WorkerCommand } from "./_worker_command.ts";
import type { WorkerConfig } from "./_worker_config.ts";

/** Options of {@linkcode WorkerLauncher}. */
export interface WorkerLauncherOptions {
  /** The program, and where it listens. */
  supervisor: SupervisorOptions;
  /** How the port is shared. */
  share: Share;
  /** Times and limits. */
  limits: Limits;
  /** The loop whose timers are used. */
  loop: EventLoop;
  /** Starts processes. */
  spawner: ProcessSpawner;
}

/** Starts workers that are all alike but for their number. */
export class WorkerLauncher {
  /** The name of the program, for people. */
  readonly program: string;
  readonly #options: WorkerLauncherOptions;
  readonly #command: WorkerCommand;

  /**
   * Makes a worker launcher.
   *
   * @param options See {@linkcode WorkerLauncherOptions}.
   * @throws {PermissionError} When workers were to be permitted more than the supervisor.
   */
  constructor(options: WorkerLauncherOptions) {
    this.#options = options;
    this.#command = new WorkerCommand(options.supervisor, options.share);
    this.program = String(options.supervisor.entry).replace(/^.*\//, "");
  }

  /** Starts a worker; returns why it could not be started when it could not. */
  launch(
    place: { id: number; traffic: Traffic },
    observer: WorkerObserver,
  ): SupervisedWorker | BootFailure {
    const { supervisor, limits, loop, spawner } = this.#options;
    const { id, traffic } = place;
    try {
      const env = supervisor.hooks?.beforeSpawn?.({ id }) ?? {};
      const command = this.#command.for({ id, port: traffic.port, env });
      const config = this.#config(id, traffic);
      const { steering } = traffic;
      return new SupervisedWorker({
        id,
        loop,
        limits,
        steering,
        spawner,
        command,
        config,
        observer,
      });
    } catch (error) {
      const reason = `it can't be started: ${error instanceof Error ? error.message : error}`;
      return { worker: id, reason, definite: false, output: [] };
    }
  }

  #config(id: number, traffic: Traffic): WorkerConfig {
    const { supervisor, share, limits, loop } = this.#options;
    const { maxRequests, jitter } = limits;
    return {
      id,
      supervisorPid: Deno.pid,
      kind: supervisor.kind ?? "auto",
      title: `sluice: worker ${id} [${this.program}]`,
      share,
      hostname: supervisor.hostname ?? "0.0.0.0",
      port: traffic.port,
      listenFd: traffic.listenFd,
      maxRequests: Math.ceil(maxRequests * (1 - jitter * loop.random.next())),
    };
  }
}
