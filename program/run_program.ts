import { parse as parseYaml } from "@std/yaml";
import { reexec, SystemClock, type UnstableFeature } from "../loop/mod.ts";
import { type CommandLine, type FlagTable, type FlagValues, parseFlags } from "./flags.ts";
import { helpText, type ProgramText } from "./help.ts";
import { keepDebuggerClosed } from "./keep_debugger_closed.ts";
import { Log, LOG_LEVELS, type LogOptions } from "./log.ts";
import { Progress, standardError } from "./progress.ts";
import { checkPermissions, isPermitted, type Permission } from "./permissions.ts";
import { messageOf } from "./message_of.ts";
import { UsageError } from "./usage_error.ts";
import { version } from "./version.ts";

/** The flags that every program has. */
export const COMMON_FLAGS = {
  config: {
    type: "text",
    value: "FILE",
    help: "YAML file with flags as keys; flags given here win",
  },
  log: { type: "choice", choices: ["text", "json"], default: "text", help: "how log lines look" },
  "log-level": {
    type: "choice",
    choices: LOG_LEVELS,
    default: "info",
    help: "what matters less is not logged",
  },
  help: { type: "boolean", short: "h", help: "print this and exit" },
  version: { type: "boolean", help: "print the version and exit" },
} as const satisfies FlagTable;

/** A program. */
export interface Program<T extends FlagTable> extends ProgramText {
  /** The URL of its file. */
  url: string;
  /** The unstable features of the platform that it needs. */
  features: UnstableFeature[];
  /** Its own flags. */
  flags: T;
  /**
   * The command line, where it holds more than flags of the table.
   *
   * @default {Deno.args}
   */
  args?: readonly string[];
  /**
   * Classes of errors that, like {@linkcode UsageError}, mean a wrong call.
   *
   * @default {none}
   */
  usageErrors?: readonly (abstract new (...args: never[]) => Error)[];
  /**
   * What it can't do without, by what it was called with.
   *
   * @default {nothing}
   */
  permissions?: (call: Pick<ProgramCall<T>, "values" | "positionals">) => readonly Permission[];
  /**
   * Does the work.
   *
   * @returns The exit code; 0 when nothing is returned.
   */
  main: (call: ProgramCall<T>) => Promise<number | void>;
}

/** What a program was called with. */
export interface ProgramCall<T extends FlagTable> {
  /** The flags. */
  values: FlagValues<T>;
  /** Everything that was no flag. */
  positionals: string[];
  /** Where to log: standard error. */
  log: Log;
  /** Where to tell how far something is that takes long. */
  progress: Progress;
  /** Aborted by SIGINT and SIGTERM. */
  signal: AbortSignal;
}

/**
 * Runs a program: reads its command line and its config file, and turns what
 * goes wrong into one line on standard error. Exit codes: 0 done, 1 failed,
 * 2 called in a wrong way.
 *
 * @param program The program.
 * @returns The exit code.
 */
export async function runProgram<T extends FlagTable>(program: Program<T>): Promise<number> {
  const flags = { ...program.flags, ...COMMON_FLAGS };
  const progress = new Progress(standardError());
  let log = makeLog(progress, { format: "text" });
  try {
    const { values, positionals } = await readCommandLine(flags, program.args ?? Deno.args);
    if (values.help) return print(helpText(program, flags));
    if (values.version) return print(version);
    const { log: format, "log-level": level } = values;
    log = makeLog(progress, { format, level } as Pick<LogOptions, "format" | "level">);
    using _closed = keepDebuggerClosed();
    const given = { values: values as FlagValues<T>, positionals };
    checkPermissions(program.permissions?.(given) ?? [], program.name);
    const code = await reexec(program);
    if (code !== null) return code;
    using stop = stopOnSignals();
    const { signal } = stop;
    return await program.main({ ...given, log, progress, signal }) ?? 0;
  } catch (error) {
    log.error(messageOf(error));
    const usage = [UsageError, ...program.usageErrors ?? []];
    return usage.some((errorClass) => error instanceof errorClass) ? 2 : 1;
  }
}

async function readCommandLine<T extends FlagTable>(
  flags: T & typeof COMMON_FLAGS,
  args: readonly string[],
): Promise<CommandLine<T & typeof COMMON_FLAGS>> {
  const first = parseFlags(flags, args);
  const file = first.values.config;
  if (typeof file !== "string") return first;
  return parseFlags(flags, args, await readConfig(file, flags));
}

async function readConfig(file: string, flags: FlagTable): Promise<Record<string, unknown>> {
  const fail = (reason: string): never => {
    throw new UsageError(`Cannot use config file ${file} as ${reason}`);
  };
  const text = await readGivenFile(file, "config file");
  let data: unknown;
  try {
    data = parseYaml(text) ?? {};
  } catch (error) {
    return fail(reasonOf(error));
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    return fail("it is no table of flags");
  }
  for (const name of Object.keys(data)) {
    if (!(name in flags) || name === "config") fail(`there is no flag ${name}`);
  }
  return data as Record<string, unknown>;
}

/**
 * Reads a file that was named on the command line.
 *
 * @param file Its path.
 * @param what What it is, for the message.
 * @throws {UsageError} When it can't be read.
 */
export async function readGivenFile(file: string, what: string): Promise<string> {
  if (!isPermitted({ name: "read", of: file })) {
    throw new UsageError(`Cannot use ${what} ${file} without --allow-read=${file}`);
  }
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    throw new UsageError(`Cannot use ${what} ${file} as ${reasonOf(error)}`);
  }
}

/** Resolves when `signal` is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function stopOnSignals(): Disposable & { signal: AbortSignal } {
  const stop = new AbortController();
  const onSignal = (): void =>
    stop.abort(new DOMException("The program was stopped", "AbortError"));
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return {
    signal: stop.signal,
    [Symbol.dispose]: () => {
      for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "it may not be read";
  if (!(error instanceof Error)) return String(error);
  const line = error.message.split("\n")[0].replace(/:$/, "");
  return line.charAt(0).toLowerCase() + line.slice(1);
}

function makeLog(progress: Progress, options: Pick<LogOptions, "format" | "level">): Log {
  const clock = new SystemClock();
  const write = (line: string): void => progress.around(() => console.error(line));
  return new Log({ ...options, write, wallMs: () => clock.wallMs() });
}

function print(text: string): number {
  console.log(text);
  return 0;
}
