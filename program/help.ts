import type { Flag, FlagTable } from "./flags.ts";

/** What a program is, for `--help`. */
export interface ProgramText {
  /** How it is called, such as `modstamp/server.ts`. */
  name: string;
  /** What it does, in a sentence. */
  summary: string;
  /** What follows its name, a line each. */
  usage: readonly string[];
  /** What else there is to know. */
  notes?: string;
}

/** Writes what `--help` prints. */
export function helpText(program: ProgramText, flags: FlagTable): string {
  const rows = Object.entries(flags).map(([name, flag]) => [signature(name, flag), describe(flag)]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    program.summary,
    "",
    "Usage:",
    ...program.usage.map((usage) => `  ${program.name} ${usage}`.trimEnd()),
    "",
    "Flags:",
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`),
    ...(program.notes === undefined ? [] : ["", program.notes]),
  ].join("\n");
}

function signature(name: string, flag: Flag): string {
  const short = flag.short === undefined ? "    " : `-${flag.short}, `;
  if (flag.type === "boolean") return `${short}--${name}`;
  return `${short}--${name} ${flag.choices?.join("|") ?? flag.value ?? flag.type.toUpperCase()}`;
}

function describe(flag: Flag): string {
  return flag.default === undefined ? flag.help : `${flag.help} (default ${flag.default})`;
}
