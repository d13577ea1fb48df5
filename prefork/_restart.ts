import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { mayRead } from "./_may_read.ts";
import { workerPermissions } from "./_worker_permissions.ts";

/**
 * How this process was started, as the title that it gets later may overwrite it: read before.
 * Where it can't be read, it is put together from the program's own arguments.
 */
export class OwnCommand {
  readonly #args: readonly string[];

  /**
   * Makes a own command.
   *
   * @param url The URL of the program, for where the system doesn't tell.
   */
  constructor(url: string) {
    this.#args = readCommandLine() ??
      ["run", "--quiet", "--no-prompt", ...workerPermissions(undefined), url, ...Deno.args];
  }

  /** Starts the same again, with more in its environment. */
  spawn(options: { env: Record<string, string>; stdio: StdioOptions }): ChildProcess {
    const env = { ...Deno.env.toObject(), ...options.env };
    return spawn(Deno.execPath(), [...this.#args], { env, stdio: options.stdio });
  }
}

function readCommandLine(): string[] | null {
  const path = "/proc/self/cmdline";
  if (Deno.build.os !== "linux" || !mayRead(path)) return null;
  try {
    const [, ...args] = Deno.readTextFileSync(path).split("\0");
    return args.slice(0, -1);
  } catch (error) {
    // It takes all permissions to read that.
    if (error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}
