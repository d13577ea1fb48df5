import { PhpScanner } from "../../php/mod.ts";

/** What a {@linkcode LineSplitter} finds. Bytes are valid only during the call. */
export interface LineHandlers {
  /** A line, without its end; never an empty one. */
  onLine(line: Uint8Array): void;
  /** A line that can't be taken whole: what there is of it, and why. */
  onFault(line: Uint8Array, reason: string): void;
}

const NEWLINE = 10;
const RETURN = 13;
const PHP_OBJECT = "O".charCodeAt(0);

/** What the bytes to come belong to. */
type Mode = "line" | "php" | "rest" | "skip";

/**
 * Cuts a stream into lines without copying those that arrive in one piece. A line that begins with
 * an object of PHP ends where that object does, so that it may hold newlines.
 */
export class LineSplitter {
  readonly #handlers: LineHandlers;
  readonly #maxBytes: number;
  readonly #scanner: PhpScanner;
  #mode: Mode = "line";
  /** The beginning of a line whose end has not come. */
  #held = new Uint8Array(0);
  #length = 0;

  /**
   * @param handlers Told of the lines.
   * @param maxBytes The longest line.
   */
  constructor(handlers: LineHandlers, maxBytes: number) {
    this.#handlers = handlers;
    this.#maxBytes = maxBytes;
    this.#scanner = new PhpScanner({ maxBytes });
  }

  /** Whether the end of a line has not come. */
  get isHalf(): boolean {
    return this.#length > 0 || this.#mode !== "line";
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) at = this.#step(chunk, at);
  }

  /** Gives up the line whose end has not come; the rest of it is skipped. */
  giveUp(reason: string): void {
    if (this.isHalf && this.#mode !== "skip") this.#fault(reason);
  }

  /** Takes the end of the stream, which ends the last line too. */
  end(): void {
    const rest = this.#held.subarray(0, this.#length);
    if (this.#mode === "php") this.#handlers.onFault(rest, "Cannot take line as it is cut off");
    else if (this.#mode !== "skip") this.#tell(rest);
    this.#reset("line");
    this.#scanner.reset();
  }

  #step(chunk: Uint8Array, at: number): number {
    if (this.#mode === "line" && this.#length === 0 && chunk[at] === PHP_OBJECT) this.#mode = "php";
    if (this.#mode === "php") return this.#scan(chunk, at);
    const newline = chunk.indexOf(NEWLINE, at);
    const part = chunk.subarray(at, newline < 0 ? chunk.length : newline);
    if (this.#mode === "line") this.#takePart(part, newline >= 0);
    else if (this.#mode === "rest") this.#takeRest(part, newline >= 0);
    if (newline < 0) return chunk.length;
    this.#reset("line");
    return newline + 1;
  }

  #takePart(part: Uint8Array, isWhole: boolean): void {
    if (this.#length + part.length > this.#maxBytes) {
      this.#hold(part.subarray(0, this.#maxBytes - this.#length));
      this.#fault(`Cannot take line as it is longer than ${this.#maxBytes} bytes`);
    } else if (!isWhole) {
      this.#hold(part);
    } else if (this.#length === 0) {
      this.#tell(part);
    } else {
      this.#hold(part);
      this.#tell(this.#held.subarray(0, this.#length));
    }
  }

  #scan(chunk: Uint8Array, at: number): number {
    const part = at === 0 ? chunk : chunk.subarray(at);
    const result = this.#scanner.push(part);
    if (!result.ok) {
      // The scanner counts from the start of the value; what was held before is taken already.
      const end = Math.max(0, Math.min(part.length, result.error.offset - this.#length));
      this.#hold(part.subarray(0, end));
      this.#fault(`Cannot take job of PHP: ${result.error.reason}`);
      return at + end;
    }
    this.#hold(part.subarray(0, result.end));
    if (result.done) this.#mode = "rest";
    return at + result.end;
  }

  /** What stands between an object of PHP and the end of its line: nothing, or it is wrong. */
  #takeRest(part: Uint8Array, isWhole: boolean): void {
    const isBlank = part.length === 0 || (part.length === 1 && part[0] === RETURN);
    if (!isBlank) this.#fault("Cannot take job of PHP: The line goes on behind it");
    else if (isWhole) this.#tell(this.#held.subarray(0, this.#length));
  }

  #tell(line: Uint8Array): void {
    const end = line.at(-1) === RETURN ? line.length - 1 : line.length;
    if (end > 0) this.#handlers.onLine(line.subarray(0, end));
  }

  #fault(reason: string): void {
    const held = this.#held.subarray(0, this.#length);
    this.#reset("skip");
    this.#handlers.onFault(held, reason);
  }

  #hold(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#held.length) {
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(1024, length * 2)));
      grown.set(this.#held.subarray(0, this.#length));
      this.#held = grown;
    }
    this.#held.set(part, this.#length);
    this.#length = length;
  }

  #reset(mode: Mode): void {
    this.#mode = mode;
    this.#length = 0;
    // A line of unusual length shall not cost memory for the rest of the connection.
    if (this.#held.length > 65_536) this.#held = new Uint8Array(0);
  }
}
