import type { EventLoop } from "../loop/mod.ts";
import type { ProcessSpawner } from "./process_spawner.ts";
import type { Share } from "./share.ts";
import type { ProgramKind } from "./_worker_config.ts";
import type { WorkerHooks } from "./worker_hooks.ts";
import type { LogEntry } from "./log_entry.ts";
import type { WorkerHandle } from "./worker_handle.ts";

/** Options of {@linkcode Supervisor.drain}. */
export interface DrainOptions {
  /**
   * Whether another supervisor serves the port by now: the workers then leave one after the other,
   * so that new connections go to those of the other one, and none is lost.
   *
   * @default {false}
   */
  handOver?: boolean;
}

/** What the workers of a {@linkcode Supervisor} run, and in what surroundings. */
export interface ProgramOptions {
  /** The program: a path or URL of a module. */
  entry: string | URL;
  /**
   * What the program is: `fetch` serves its `export default { fetch }`, `script` just runs it,
   * `auto` looks.
   *
   * @default {"auto"}
   */
  kind?: ProgramKind;
  /**
   * Arguments of the program.
   *
   * @default {[]}
   */
  args?: readonly string[];
  /**
   * Permissions of the workers, as Deno's flags: `--allow-net`, `--allow-read=./data`,
   * `--deny-env` … Refused when the supervisor itself has less.
   *
   * @default {those that the supervisor has in full}
   */
  permissions?: readonly string[];
  /**
   * Further flags for Deno, such as `--cached-only` or `--unstable-kv`; none about permissions.
   *
   * @default {[]}
   */
  denoFlags?: readonly string[];
  /**
   * The most memory that JavaScript may use in a worker, in MiB (V8's `--max-old-space-size`).
   *
   * @default {V8's own limit}
   */
  maxHeapMb?: number;
  /**
   * Environment variables besides those of the supervisor. Each worker finds its number in
   * `WORKER_ID`, and the shared port in `PORT`.
   *
   * @default {{}}
   */
  env?: Readonly<Record<string, string>>;
  /**
   * Whether the environment of the supervisor is kept from the workers.
   *
   * @default {false}
   */
  clearEnv?: boolean;
  /**
   * The working directory of the workers.
   *
   * @default {that of the supervisor}
   */
  cwd?: string;
}

/** Where the workers of a {@linkcode Supervisor} listen. */
export interface ListenSettings {
  /**
   * The port that the workers share; 0 lets the system choose. Without one nothing is shared.
   *
   * @default {none}
   */
  port?: number;
  /**
   * The interface to listen on, an IP address or a name.
   *
   * @default {"0.0.0.0"}
   */
  hostname?: string;
  /**
   * How the port is shared.
   *
   * @default {"reuseport" when there is a port}
   */
  share?: Share;
  /**
   * A listening socket that this process inherited, for `share: "inherit"`.
   *
   * @default {one that the supervisor opens}
   */
  listenFd?: number;
  /**
   * Whether others may listen on the port when the supervisor starts: its predecessor does.
   *
   * @default {false}
   */
  sharesWithPredecessor?: boolean;
}

/** Times and limits of the workers of a {@linkcode Supervisor}. */
export interface LimitOptions {
  /**
   * How long a worker may be silent before it is taken for hung and killed.
   *
   * @default {30_000}
   */
  timeoutMs?: number;
  /**
   * How long a worker may take to boot.
   *
   * @default {60_000}
   */
  bootTimeoutMs?: number;
  /**
   * How long a worker that has to go may take to finish its requests.
   *
   * @default {30_000}
   */
  gracefulTimeoutMs?: number;
  /**
   * How long a worker that has to go still serves, so that connections on their way reach it and
   * kept-alive ones get an answer that ends them.
   *
   * @default {250}
   */
  drainMs?: number;
  /**
   * How long a worker that serves HTTP and has to go waits for kept-alive connections to end with
   * an answer, if others serve on; those that are idle for so long are closed. Where nobody can
   * tell whether there are any, `drainMs` is all the time they get.
   *
   * @default {5_000}
   */
  lingerMs?: number;
  /**
   * How long a worker may take to end in a fast stop.
   *
   * @default {2_000}
   */
  stopTimeoutMs?: number;
  /**
   * How long a plain script has to run after it was loaded until it counts as booted.
   *
   * @default {500}
   */
  settleMs?: number;
  /**
   * How long a worker has to live so that its death counts as the first.
   *
   * @default {1_000}
   */
  minUptimeMs?: number;
  /**
   * The longest pause before a worker that keeps dying is started again; the first is 100 ms,
   * each further one twice as long.
   *
   * @default {30_000}
   */
  maxBackoffMs?: number;
  /**
   * Boots that may fail in a row before the supervisor calls it a crash loop. It gives up then
   * when no worker has ever booted, and tries on otherwise.
   *
   * @default {5}
   */
  maxBootFailures?: number;
  /**
   * Requests after which a worker is replaced; 0 for never.
   *
   * @default {0}
   */
  maxRequests?: number;
  /**
   * Resident memory, in bytes, at which a worker is replaced; 0 for never.
   *
   * @default {0}
   */
  maxMemoryBytes?: number;
  /**
   * The part of `maxRequests` and `maxMemoryBytes` that is taken off at random, so that workers
   * are not all replaced at once.
   *
   * @default {0.1}
   */
  jitter?: number;
}

/** Options of {@linkcode Supervisor}. */
export interface SupervisorOptions extends ProgramOptions, ListenSettings, LimitOptions {
  /**
   * How many workers there are.
   *
   * @default {1}
   */
  workers?: number;
  /**
   * How many processes are kept ready to take the place of a worker that dies, up to 16. One is
   * replaced in a fraction of the time then, at the price of the memory of an idle process.
   *
   * @default {0}
   */
  spares?: number;
  /** Called when workers come and go. */
  hooks?: WorkerHooks;
  /** Called with bytes that a worker's program sent, valid only during the call. */
  onMessage?: (bytes: Uint8Array<ArrayBuffer>, worker: WorkerHandle) => void;
  /** Called with what is worth a line in a log. */
  onLog?: (entry: LogEntry) => void;
  /** Called with each line that a worker printed. */
  onOutput?: (line: string, from: { worker: number; stream: "stdout" | "stderr" }) => void;
  /**
   * The loop whose clock and timers are used.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * What starts processes.
   *
   * @default {real subprocesses}
   */
  spawner?: ProcessSpawner;
}
