import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "./usage_error.ts";

/** One flag of a program. */
export interface Flag {
  /** What its value is. */
  readonly type: "text" | "integer" | "seconds" | "boolean" | "choice";
  /** What it does, for `--help`. */
  readonly help: string;
  /** A single letter that may stand for it. */
  readonly short?: string;
  /** What its value is called in `--help`. */
  readonly value?: string;
  /** Its value when it is not given. */
  readonly default?: string | number;
  /** The least value of a number. */
  readonly least?: number;
  /** The greatest value of a number. */
  readonly most?: number;
  /** The values of a choice. */
  readonly choices?: readonly string[];
}

/** The flags of a program by name. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** The type of a flag's value. */
type ValueOf<F extends Flag> = F["type"] extends "boolean" ? boolean
  : F["type"] extends "integer" | "seconds"
    ? F extends { default: number } ? number : number | undefined
  : F extends { default: string } ? string
  : string | undefined;

/** The values of flags by name. */
export type FlagValues<T extends FlagTable> = { [K in keyof T]: ValueOf<T[K]> };

/** What stood on a command line. */
export interface CommandLine<T extends FlagTable> {
  /** The flags, those not given with their defaults. */
  values: FlagValues<T>;
  /** Everything that is no flag. */
  positionals: string[];
}

/**
 * Reads a command line.
 *
 * @param table The flags that there are.
 * @param args The command line.
 * @param config Values of flags by name, which the command line overrides.
 * @throws {UsageError} When a flag is unknown or its value unusable.
 */
export function parseFlags<T extends FlagTable>(
  table: T,
  args: readonly string[],
  config: Readonly<Record<string, unknown>> = {},
): CommandLine<T> {
  const names = Object.keys(table);
  const booleans = names.filter((name) => table[name].type === "boolean");
  const given = parseArgs([...args], {
    boolean: booleans,
    string: [...names.filter((name) => !booleans.includes(name)), "_"],
    // Tells a flag that was not given from one that was turned off.
    default: Object.fromEntries(booleans.map((name) => [name, null])),
    alias: Object.fromEntries(
      names.flatMap((name) => table[name].short === undefined ? [] : [[name, table[name].short]]),
    ),
    unknown: (arg) => {
      if (!arg.startsWith("-") || arg === "-") return true;
      throw new UsageError(`Cannot use ${arg} as there is no such flag`);
    },
  }) as Record<string, unknown> & { _: string[] };
  const values = names.map((name) => {
    const raw = given[name] ?? config[name] ?? table[name].default;
    return [name, raw === undefined ? absent(table[name]) : check(name, table[name], raw)];
  });
  return {
    values: Object.fromEntries(values) as FlagValues<T>,
    positionals: given._.map(String),
  };
}

function absent({ type }: Flag): false | undefined {
  return type === "boolean" ? false : undefined;
}

function check(name: string, flag: Flag, raw: unknown): unknown {
  if (Array.isArray(raw)) {
    throw new UsageError(`Cannot use --${name} as it is given more than once`);
  }
  const fail = (wanted: string): never => {
    throw new UsageError(`Cannot use --${name} ${raw} as it must be ${wanted}`);
  };
  if (flag.type === "boolean") return typeof raw === "boolean" ? raw : fail("true or false");
  if (flag.type === "integer" || flag.type === "seconds") return checkNumber(flag, raw, fail);
  if (typeof raw !== "string" && typeof raw !== "number") return fail("text");
  const text = String(raw);
  if (text === "") return fail("given a value");
  if (flag.type === "choice" && !flag.choices!.includes(text)) {
    return fail(`one of ${flag.choices!.join(", ")}`);
  }
  return text;
}

function checkNumber(flag: Flag, raw: unknown, fail: (wanted: string) => never): number {
  const { least = 0, most = Number.MAX_SAFE_INTEGER } = flag;
  const value = typeof raw === "number"
    ? raw
    : /^-?\d+(\.\d+)?$/.test(String(raw))
    ? Number(raw)
    : NaN;
  const whole = flag.type === "seconds" || Number.isInteger(value);
  if (whole && value >= least && value <= most) return value;
  const kind = flag.type === "seconds" ? "a number of seconds" : "an integer";
  return fail(
    most === Number.MAX_SAFE_INTEGER
      ? `${kind} of at least ${least}`
      : `${kind} from ${least} to ${most}`,
  );
}
