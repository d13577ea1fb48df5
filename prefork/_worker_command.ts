import type { ProcessCommand } from "./process_spawner.ts";
import type { Share } from "./share.ts";
import type { ProgramOptions } from "./supervisor_options.ts";
import { checkOtherFlags, workerPermissions } from "./_worker_permissions.ts";

/** Variables that tell a service about itself, not about its workers. */
const OF_SUPERVISOR = [
  "LISTEN_FDS",
  "LISTEN_FDNAMES",
  "LISTEN_PID",
  "NOTIFY_SOCKET",
  "SLUICE_CONTROL_TOKEN",
  "SLUICE_LISTEN_FD",
  "SLUICE_PREDECESSOR",
  "WATCHDOG_PID",
  "WATCHDOG_USEC",
];

/** Variables without which Deno would not find what it has cached. */
const OF_DENO = ["DENO_DIR", "HOME", "JSR_URL", "NPM_CONFIG_REGISTRY", "PATH"];

/** Where a worker is to listen. */
export interface WorkerPlace {
  /** Its number. */
  readonly id: number;
  /** The port, or 0 when there is none. */
  readonly port: number;
  /** Variables that a hook adds. */
  readonly env: Readonly<Record<string, string>>;
}

/** Puts together what workers are started with; permissions are checked once. */
export class WorkerCommand {
  readonly #options: ProgramOptions;
  readonly #args: readonly string[];

  /**
   * Makes a worker command.
   *
   * @param options The program and its surroundings.
   * @param share How workers share a port.
   * @throws {PermissionError} When workers were to be permitted more than the supervisor.
   * @throws {PermissionFlagError} When a flag is none, or a flag of Deno that should not permit does.
   */
  constructor(options: ProgramOptions, share: Share) {
    this.#options = options;
    const { denoFlags = [], args = [], maxHeapMb, cwd } = options;
    checkOtherFlags(denoFlags);
    this.#args = [
      "run",
      "--quiet",
      "--no-prompt",
      ...workerPermissions(options.permissions, cwd === undefined ? undefined : Deno.cwd()),
      ...(share === "reuseport" ? ["--unstable-net"] : []),
      ...(maxHeapMb === undefined ? [] : [`--v8-flags=--max-old-space-size=${maxHeapMb}`]),
      ...denoFlags,
      "--preload",
      new URL("./_agent.ts", import.meta.url).href,
      entryOf(options.entry),
      ...args,
    ];
  }

  /** The command for a worker. */
  for(place: WorkerPlace): ProcessCommand {
    const { env = {}, cwd } = this.#options;
    const all: Record<string, string> = { ...this.#inherited(), ...env, ...place.env };
    all.WORKER_ID = String(place.id);
    if (place.port > 0) all.PORT = String(place.port);
    return { file: Deno.execPath(), args: this.#args, env: all, cwd };
  }

  #inherited(): Record<string, string> {
    if (Deno.permissions.querySync({ name: "env" }).state !== "granted") return {};
    const dropped = this.#options.clearEnv
      ? (name: string): boolean => !OF_DENO.includes(name)
      : (name: string): boolean => OF_SUPERVISOR.includes(name);
    return Object.fromEntries(
      Object.entries(Deno.env.toObject()).filter(([name]) => !dropped(name)),
    );
  }
}

/** A path is one from here, even if the workers run elsewhere. */
function entryOf(entry: string | URL): string {
  if (entry instanceof URL || /^[a-z][a-z+.-]+:/.test(entry) || entry.startsWith("/")) {
    return String(entry);
  }
  return `${Deno.cwd()}/${entry}`;
}
