import type { EventLoop, Handle } from "../loop/mod.ts";
import type {
  ProcessCommand,
  ProcessEvents,
  ProcessSpawner,
  SpawnedProcess,
} from "./process_spawner.ts";
import { SpareProcess } from "./_spare_process.ts";

/** How long nothing has to be started until spares are: they take the place of no boot. */
const REST_MS = 1000;
/** The longest pause before a spare is started that keeps dying. */
const MAX_REST_MS = 60_000;

/** Options of {@linkcode SpareSpawner}. */
export interface SpareSpawnerOptions {
  /** Starts processes. */
  spawner: ProcessSpawner;
  /** The loop whose timers are used. */
  loop: EventLoop;
  /** How many spares there are. */
  spares: number;
}

/**
 * Starts processes, and keeps some ahead for commands like the last one. What all workers go
 * through before they are told who they are lies behind a spare already: it takes the place of
 * one that has died in a fraction of the time, and runs the program as it is then.
 */
export class SpareSpawner implements ProcessSpawner {
  readonly #options: SpareSpawnerOptions;
  readonly #spares = new Set<SpareProcess>();
  #command: ProcessCommand | null = null;
  #rest: Handle | null = null;
  #deaths = 0;
  #closed: PromiseWithResolvers<void> | null = null;

  constructor(options: SpareSpawnerOptions) {
    this.#options = options;
  }

  /** Processes that wait. */
  get waiting(): number {
    return this.#spares.size;
  }

  spawn(command: ProcessCommand, events: ProcessEvents): SpawnedProcess {
    const { spawner, loop } = this.#options;
    const spare = [...this.#spares].find((each) => isLike(each.command, command));
    if (spare === undefined) {
      this.#prepare(command);
      return spawner.spawn(command, events);
    }
    this.#spares.delete(spare);
    this.#deaths = 0;
    this.#prepare(command);
    return spare.adopt(events, loop);
  }

  /** Ends the spares, and resolves when they are gone. */
  close(): Promise<void> {
    this.#closed ??= Promise.withResolvers();
    this.#rest?.cancel();
    for (const spare of this.#spares) spare.kill();
    if (this.#spares.size === 0) this.#closed.resolve();
    return this.#closed.promise;
  }

  #prepare(command: ProcessCommand): void {
    if (this.#options.spares === 0 || this.#closed !== null) return;
    this.#command = command;
    this.#rest?.cancel();
    const restMs = Math.min(MAX_REST_MS, REST_MS * 2 ** this.#deaths);
    this.#rest = this.#options.loop.callLater(restMs, () => this.#fill(command));
  }

  #fill(command: ProcessCommand): void {
    // Those for another command are of no use any more.
    for (const spare of this.#spares) if (!isLike(spare.command, command)) spare.kill();
    try {
      while (this.#spares.size < this.#options.spares) this.#spares.add(this.#start(command));
    } catch {
      // Workers can't be started either just now, and say why.
      this.#deaths++;
      this.#prepare(command);
    }
  }

  #start(command: ProcessCommand): SpareProcess {
    return new SpareProcess(this.#options.spawner, {
      command,
      onDeath: (spare) => this.#lose(spare),
    });
  }

  #lose(spare: SpareProcess): void {
    this.#spares.delete(spare);
    if (this.#closed !== null) {
      if (this.#spares.size === 0) this.#closed.resolve();
      return;
    }
    if (!spare.killed) this.#deaths++;
    this.#prepare(this.#command!);
  }
}

/** Whether two commands differ at most in the number of the worker, which a spare is told. */
function isLike(one: ProcessCommand, other: ProcessCommand): boolean {
  return keyOf(one) === keyOf(other);
}

function keyOf({ file, args, cwd, env }: ProcessCommand): string {
  const variables = Object.entries(env).filter(([name]) => name !== "WORKER_ID").sort();
  return JSON.stringify([file, args, cwd, variables]);
}
