/** Longest line; longer ones are broken. */
const MAX_LINE_BYTES = 16_384;

/** Cuts the output of a process into lines. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  /**
   * Makes a line splitter.
   *
   * @param onLine Called with each line, without its end.
   */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes what was printed. */
  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
    while (this.#rest.length > MAX_LINE_BYTES) {
      this.#onLine(this.#rest.slice(0, MAX_LINE_BYTES));
      this.#rest = this.#rest.slice(MAX_LINE_BYTES);
    }
  }

  /** Hands over a last line that has no end. */
  end(): void {
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }
}
