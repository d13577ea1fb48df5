/** A line that was no job. */
export interface DeadLine {
  /** When it came, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** Who sent it. */
  readonly from: string;
  /** What was wrong with it. */
  readonly reason: string;
  /** What it said, cut to 1,024 bytes. */
  readonly line: Uint8Array;
}

const MAX_KEPT_BYTES = 1024;

/** The latest lines that were no jobs, for people to look at. */
export class DeadLineLog {
  readonly #lines: DeadLine[] = [];
  readonly #maxLines: number;

  /**
   * @param maxLines How many are kept; older ones are forgotten.
   */
  constructor(maxLines: number) {
    this.#maxLines = maxLines;
  }

  /** Keeps a copy of a line. */
  add(line: DeadLine): void {
    this.#lines.push({ ...line, line: line.line.slice(0, MAX_KEPT_BYTES) });
    if (this.#lines.length > this.#maxLines) this.#lines.shift();
  }

  /** The lines that are kept, oldest first. */
  lines(): DeadLine[] {
    return [...this.#lines];
  }
}
