const MAX_LINES = 20;
const MAX_LINE_LENGTH = 500;
/** Colours and the like (ECMA-48, 5.4). */
// deno-lint-ignore no-control-regex
const CONTROL_SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]/g;

/** A line without colours. */
export function withoutControlSequences(line: string): string {
  return line.replace(CONTROL_SEQUENCES, "");
}

/** What a process printed last, so that its end can be explained. */
export class TailOfOutput {
  readonly #lines: string[] = [];

  /** Adds a line. */
  push(line: string): void {
    this.#lines.push(withoutControlSequences(line).slice(0, MAX_LINE_LENGTH));
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }

  /** The last 20 lines, without colours. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** What Deno said went wrong, in one line; `null` when it said nothing. */
  get error(): string | null {
    const at = this.#lines.findIndex((line) => line.startsWith("error: "));
    if (at < 0) return null;
    const where = this.#lines.slice(at + 1).map((line) => /^\s+at (\S+)$/.exec(line)?.[1])
      .find((place) => place !== undefined);
    const what = this.#lines[at].slice("error: ".length).replace(/\.$/, "");
    return where === undefined || what.includes(where) ? what : `${what} at ${where}`;
  }
}
