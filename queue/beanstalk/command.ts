/** Commands with nothing behind their name. */
const BARE = [
  "peek-ready",
  "peek-delayed",
  "peek-buried",
  "stats",
  "list-tubes-watched",
  "list-tube-used",
  "list-tubes",
] as const;

/** Commands on one job. */
const ON_JOB = [
  "peek",
  "reserve-job",
  "delete",
  "kick-job",
  "touch",
  "stats-job",
] as const;

/** Commands on one tube. */
const ON_TUBE = ["stats-tube", "use", "watch", "ignore"] as const;

/** One kind of command for each name. */
type Each<Op extends string, Rest> = { [Name in Op]: { readonly op: Name } & Rest }[Op];

/** A command of the beanstalk protocol. */
export type Command =
  | {
    readonly op: "put";
    readonly priority: number;
    readonly delayMs: number;
    readonly ttrMs: number;
    readonly body: Uint8Array;
  }
  | Each<"reserve" | "reserve-with-timeout", { readonly timeoutMs: number }>
  | Each<(typeof BARE)[number] | "quit", unknown>
  | Each<(typeof ON_JOB)[number], { readonly id: number }>
  | Each<(typeof ON_TUBE)[number], { readonly tube: string }>
  | {
    readonly op: "release";
    readonly id: number;
    readonly priority: number;
    readonly delayMs: number;
  }
  | { readonly op: "bury"; readonly id: number; readonly priority: number }
  | { readonly op: "kick"; readonly count: number }
  | { readonly op: "pause-tube"; readonly tube: string; readonly delayMs: number }
  /** What is answered to something that can't be carried out. */
  | { readonly op: "fault"; readonly reply: Fault };

/** The command of a name. */
export type CommandOf<Op extends Command["op"]> = Extract<Command, { readonly op: Op }>;

/** An error that the reader of commands finds. */
export type Fault = "BAD_FORMAT" | "UNKNOWN_COMMAND" | "JOB_TOO_BIG" | "EXPECTED_CRLF";

/** The head of a `put`, whose body follows. */
export interface PutHead {
  readonly op: "put-head";
  readonly priority: number;
  readonly delayMs: number;
  readonly ttrMs: number;
  readonly size: number;
}

const MAX_U32 = 0xffff_ffff;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const TUBE = /^[A-Za-z0-9+/;.$_()][A-Za-z0-9\-+/;.$_()]{0,199}$/;
const BAD_FORMAT = { op: "fault", reply: "BAD_FORMAT" } as const;

/** Reads a line, without its end, as a command. */
export function parseCommand(line: string): Command | PutHead {
  const space = line.indexOf(" ");
  if (space < 0) return parseBare(line);
  const op = line.slice(0, space);
  const rest = line.slice(space + 1);
  if (op === "put") return parsePut(rest);
  if (includes(ON_JOB, op)) {
    const [id] = readNumbers(rest, 1) ?? [];
    return id === undefined ? BAD_FORMAT : { op, id };
  }
  if (includes(ON_TUBE, op)) return TUBE.test(rest) ? { op, tube: rest } : BAD_FORMAT;
  if (op === "release") return parseRelease(rest);
  if (op === "bury") {
    const [id, priority] = readNumbers(rest, 2) ?? [];
    return id === undefined || priority > MAX_U32 ? BAD_FORMAT : { op, id, priority };
  }
  if (op === "kick") {
    const count = readLoosely(rest);
    return count === undefined ? BAD_FORMAT : { op, count };
  }
  if (op === "reserve-with-timeout") {
    const seconds = readLoosely(rest);
    return seconds === undefined ? BAD_FORMAT : { op, timeoutMs: seconds * 1000 };
  }
  return op === "pause-tube" ? parsePause(rest) : parseBare(line);
}

/** A command without arguments; something behind its name is wrong, except for `quit`. */
function parseBare(line: string): Command {
  if (line === "reserve") return { op: "reserve", timeoutMs: Infinity };
  if (includes(BARE, line)) return { op: line };
  if (line.startsWith("quit")) return { op: "quit" };
  const isKnown = line.startsWith("reserve") || BARE.some((name) => line.startsWith(name));
  return isKnown ? BAD_FORMAT : { op: "fault", reply: "UNKNOWN_COMMAND" };
}

function parsePut(rest: string): Command | PutHead {
  const numbers = readNumbers(rest, 4);
  if (numbers === null || Math.max(...numbers) > MAX_U32) return BAD_FORMAT;
  const [priority, delay, ttr, size] = numbers;
  const ttrMs = Math.max(1, ttr) * 1000;
  return { op: "put-head", priority, delayMs: delay * 1000, ttrMs, size };
}

function parseRelease(rest: string): Command {
  const [id, priority, delay] = readNumbers(rest, 3) ?? [];
  if (id === undefined || priority > MAX_U32 || delay > MAX_U32) return BAD_FORMAT;
  return { op: "release", id, priority, delayMs: delay * 1000 };
}

function parsePause(rest: string): Command {
  const space = rest.indexOf(" ");
  const tube = rest.slice(0, Math.max(0, space));
  const [delay] = readNumbers(rest.slice(space + 1), 1) ?? [];
  if (!TUBE.test(tube) || delay === undefined || delay > MAX_U32) return BAD_FORMAT;
  return { op: "pause-tube", tube, delayMs: delay * 1000 };
}

/** So many numbers with spaces before each, and nothing else. */
function readNumbers(text: string, count: number): number[] | null {
  const numbers: number[] = [];
  let at = 0;
  while (numbers.length < count) {
    while (text[at] === " ") at++;
    const start = at;
    while (text[at] >= "0" && text[at] <= "9") at++;
    if (at === start) return null;
    const digits = text.slice(start, at);
    if (digits.length > 19 && BigInt(digits) > MAX_U64) return null;
    numbers.push(Number(digits));
  }
  return at === text.length ? numbers : null;
}

/** A number that may be followed by anything, as in C; what is negative has no bounds. */
function readLoosely(text: string): number | undefined {
  const match = /^\s*([+-]?)(\d+)/.exec(text);
  if (match === null) return undefined;
  return match[1] === "-" ? Infinity : Number(match[2]);
}

function includes<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}
