import { isPermissionFlag } from "./_worker_permissions.ts";

/** What of a command line is meant for the workers. */
export interface WorkerFlags {
  /** Deno's permission flags, or `undefined` when there are none. */
  readonly permissions?: readonly string[];
  /** Further flags for Deno, each given by `--deno-flag`. */
  readonly denoFlags: readonly string[];
  /** Environment variables, each given by `--env`. */
  readonly env: Readonly<Record<string, string>>;
  /** What follows `--`. */
  readonly args: readonly string[];
  /** The rest of the command line. */
  readonly rest: readonly string[];
  /** What is wrong with the command line, or `null`. */
  readonly fault: string | null;
}

/** Takes from a command line what is meant for the workers. */
export function takeWorkerFlags(line: readonly string[]): WorkerFlags {
  const end = line.indexOf("--");
  const own = end < 0 ? line : line.slice(0, end);
  const permissions = own.filter(isPermissionFlag);
  const others = own.filter((arg) => !isPermissionFlag(arg));
  const denoFlags: string[] = [];
  const env: Record<string, string> = {};
  const rest: string[] = [];
  let fault: string | null = null;
  for (let i = 0; i < others.length; i++) {
    const [, name, given] = /^(--env|--deno-flag)(?:=(.*))?$/s.exec(others[i]) ?? [];
    if (name === undefined) {
      rest.push(others[i]);
      continue;
    }
    const value = given ?? others[++i];
    const at = value?.indexOf("=") ?? -1;
    if (value === undefined || value === "") fault = `Cannot use ${name} without a value`;
    else if (name === "--deno-flag") denoFlags.push(value);
    else if (at > 0) env[value.slice(0, at)] = value.slice(at + 1);
    else fault = `Cannot use --env ${value} as it must be NAME=VALUE`;
  }
  return {
    permissions: permissions.length === 0 ? undefined : permissions,
    denoFlags,
    env,
    args: end < 0 ? [] : line.slice(end + 1),
    rest,
    fault,
  };
}
