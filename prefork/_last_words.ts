import { withoutControlSequences } from "./_tail_of_output.ts";

type Stream = "stdout" | "stderr";
type OnLine = (stream: Stream, line: string) => void;

/** Most lines held back. */
const MAX_LINES = 100;

/**
 * Holds back what Deno prints when a program can't be loaded, as the supervisor says the same in
 * one line. Everything else goes through.
 */
export class LastWords {
  readonly #onLine: OnLine;
  #held: { stream: Stream; line: string }[] | null = null;

  /**
   * Makes a last words.
   *
   * @param onLine Called with each line that goes through.
   */
  constructor(onLine: OnLine) {
    this.#onLine = onLine;
  }

  /** Takes a line; lines are held back only while the worker boots. */
  push(stream: Stream, line: string, booting: boolean): void {
    if (booting && withoutControlSequences(line).startsWith("error: ")) this.#held ??= [];
    if (this.#held === null) this.#onLine(stream, line);
    else if (this.#held.push({ stream, line }) > MAX_LINES) this.release();
  }

  /** Lets through what was held back. */
  release(): void {
    for (const { stream, line } of this.#held ?? []) this.#onLine(stream, line);
    this.#held = null;
  }
}
