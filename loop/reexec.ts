/** Unstable parts of the platform that a program may need. */
export type UnstableFeature = "kv" | "net" | "no-legacy-abort";

/** Names the parent of a process that was started again, and guards against doing so twice. */
const GUARD = "SLUICE_REEXEC_PARENT";
const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;
const PARENT_CHECK_MS = 500;

/** A program lacks unstable features and can't be started again with them. */
export class MissingFeatureError extends Error {
  /** The flags that the program has to be started with. */
  readonly flags: string[];

  /**
   * Makes the error.
   *
   * @param reason Why the program can't be started again.
   * @param flags The flags that the program has to be started with.
   */
  constructor(reason: string, flags: string[]) {
    super(`Cannot start without ${flags.join(" ")} and ${reason}: give ${flags.join(" ")} to deno`);
    this.name = "MissingFeatureError";
    this.flags = flags;
  }
}

/**
 * Runs a program again with the `--unstable-…` flags it was not given, so that
 * `deno run -A URL` is enough to start it. The new process has the same
 * arguments, environment, standard streams and permissions, never more; it is
 * sent the signals that this one gets, and ends when this one is killed.
 *
 * @example First thing in a program
 * ```ts ignore
 * import { reexec } from "@sluice/sluice/loop";
 *
 * const code = await reexec({ url: import.meta.url, features: ["kv", "net"] });
 * if (code !== null) Deno.exit(code);
 * ```
 *
 * @param options The program's own URL and the features it needs.
 * @returns The exit code of the new process, or `null` when nothing is missing.
 * @throws {MissingFeatureError} When features are missing and can't be had.
 */
export async function reexec(
  options: { url: string; features: UnstableFeature[] },
): Promise<number | null> {
  const missing = options.features.filter((feature) => !hasFeature(feature));
  if (missing.length === 0) {
    endWithParent();
    return null;
  }
  const command = selfCommand({ ...options, args: Deno.args });
  return await supervise(command.spawn());
}

/**
 * A command that starts a program as this process was started: with the same
 * environment, standard streams and permissions. The new process ends when
 * this one is killed, once it has called {@linkcode reexec}.
 *
 * @example Start the same program with other arguments
 * ```ts ignore
 * import { selfCommand } from "@sluice/sluice/loop";
 *
 * selfCommand({ url: import.meta.url, features: [], args: ["--child"] }).spawn();
 * ```
 *
 * @param options The program's URL, the unstable features it needs, and its arguments.
 * @returns The command.
 * @throws {MissingFeatureError} When this process may not start others like it.
 */
export function selfCommand(
  options: { url: string; features: readonly UnstableFeature[]; args: readonly string[] },
): Deno.Command {
  const flags = options.features.map((feature) => `--unstable-${feature}`);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...passedOn(flags), ...flags, options.url, ...options.args],
    env: { [GUARD]: String(Deno.pid) },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  });
}

function hasFeature(feature: UnstableFeature): boolean {
  // Whether aborts are of the new kind can't be told, and is no reason to start again.
  if (feature === "no-legacy-abort") return true;
  return feature === "kv"
    ? typeof Deno.openKv === "function"
    : typeof Deno.listenDatagram === "function";
}

function passedOn(flags: string[]): string[] {
  const states = PERMISSIONS.map((name) => ({ name, ...query(name) }));
  const partly = states.find((state) => state.partial);
  if (partly !== undefined) {
    throw new MissingFeatureError(
      `permissions given in part (--allow-${partly.name}=…) can't be passed on`,
      flags,
    );
  }
  const granted = states.filter((state) => state.granted).map((state) => state.name);
  if (!granted.includes("run")) throw new MissingFeatureError("without --allow-run", flags);
  if (granted.includes("env") && Deno.env.get(GUARD) !== undefined) {
    throw new MissingFeatureError("this deno does not know them", flags);
  }
  return granted.length === PERMISSIONS.length
    ? ["--quiet", "-A"]
    : ["--quiet", "--no-prompt", ...granted.map((name) => `--allow-${name}`)];
}

function query(name: typeof PERMISSIONS[number]): { granted: boolean; partial: boolean } {
  const status = Deno.permissions.querySync({ name });
  return { granted: status.state === "granted" && !status.partial, partial: status.partial };
}

async function supervise(child: Deno.ChildProcess): Promise<number> {
  const forward = FORWARDED.filter((signal) => Deno.build.os !== "windows" || signal === "SIGINT")
    .map((signal) => {
      const listener = (): void => {
        try {
          child.kill(signal);
        } catch (error) {
          // The child may have ended already.
          if (!(error instanceof TypeError)) throw error;
        }
      };
      Deno.addSignalListener(signal, listener);
      return { signal, listener };
    });
  const status = await child.status;
  for (const { signal, listener } of forward) Deno.removeSignalListener(signal, listener);
  return status.code;
}

// A parent killed by SIGKILL can't tell its child, so the child looks for it.
function endWithParent(): void {
  if (Deno.permissions.querySync({ name: "env", variable: GUARD }).state !== "granted") return;
  const parent = Deno.env.get(GUARD);
  if (parent === undefined) return;
  Deno.env.delete(GUARD);
  const timer = setInterval(() => {
    if (Deno.ppid !== Number(parent)) Deno.exit(137);
  }, PARENT_CHECK_MS);
  Deno.unrefTimer(timer);
}
