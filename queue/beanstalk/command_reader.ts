import { ByteSlab } from "../byte_slab.ts";
import { type Command, type Fault, parseCommand, type PutHead } from "./command.ts";

/** The longest command line with its end. */
const MAX_LINE_BYTES = 224;
const RETURN = 13;
const NEWLINE = 10;

/** Cuts a stream into commands; those that are wrong give what is to be answered. */
export class CommandReader {
  readonly #maxJobBytes: number;
  readonly #line = new Uint8Array(MAX_LINE_BYTES);
  #length = 0;
  /** Whether a line that is too long is being passed over. */
  #tooLong = false;
  readonly #slab = new ByteSlab();
  #head: PutHead | null = null;
  /** The body of a job with its end, as far as it has come. */
  #body = new Uint8Array(0);
  #filled = 0;
  #skip = 0;

  /**
   * @param maxJobBytes The largest body of a job.
   */
  constructor(maxJobBytes: number) {
    this.#maxJobBytes = maxJobBytes;
  }

  /** Takes the next bytes, and adds the commands that end in them. */
  push(chunk: Uint8Array, commands: Command[]): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
        if (this.#skip === 0) commands.push(fault("JOB_TOO_BIG"));
      } else if (this.#head !== null) {
        at = this.#takeBody(chunk, at, commands);
      } else {
        at = this.#takeLine(chunk, at, commands);
      }
    }
  }

  /** Takes up to the next line feed; only one behind a carriage return ends a command. */
  #takeLine(chunk: Uint8Array, at: number, commands: Command[]): number {
    const found = chunk.indexOf(NEWLINE, at);
    const end = found < 0 ? chunk.length : found + 1;
    const line = this.#hold(chunk.subarray(at, end));
    const isWhole = found >= 0 && line.length > 1 && line[line.length - 2] === RETURN;
    if (!isWhole) return end;
    const isTooLong = this.#tooLong;
    this.#length = 0;
    this.#tooLong = false;
    if (isTooLong) commands.push(fault("BAD_FORMAT"));
    else this.#begin(line.subarray(0, -2), commands);
    return end;
  }

  /** The line so far; of one that is too long only its last two bytes matter. */
  #hold(part: Uint8Array): Uint8Array {
    if (this.#length === 0 && part.at(-1) === NEWLINE && part.length <= MAX_LINE_BYTES) {
      // Kept all the same, in case that the line feed ends nothing.
      this.#line.set(part);
      this.#length = part.length;
      return part;
    }
    if (this.#length + part.length > MAX_LINE_BYTES) {
      this.#tooLong = true;
      const last = part.length > 1 ? part.subarray(-2) : [this.#line[this.#length - 1], part[0]];
      this.#line.set(last);
      this.#length = 2;
    } else {
      this.#line.set(part, this.#length);
      this.#length += part.length;
    }
    return this.#line.subarray(0, this.#length);
  }

  #begin(line: Uint8Array, commands: Command[]): void {
    // Not spread, which goes through an iterator.
    const text = String.fromCharCode.apply(null, line as unknown as number[]);
    const command = parseCommand(text);
    if (command.op !== "put-head") {
      commands.push(line.includes(0) ? fault("BAD_FORMAT") : command);
    } else if (command.size > this.#maxJobBytes) {
      this.#skip = command.size + 2;
    } else {
      this.#head = command;
      this.#body = this.#slab.take(command.size + 2);
      this.#filled = 0;
    }
  }

  #takeBody(chunk: Uint8Array, at: number, commands: Command[]): number {
    const head = this.#head!;
    const end = Math.min(chunk.length, at + this.#body.length - this.#filled);
    this.#body.set(chunk.subarray(at, end), this.#filled);
    this.#filled += end - at;
    if (this.#filled < this.#body.length) return end;
    this.#head = null;
    if (this.#body[head.size] !== RETURN || this.#body[head.size + 1] !== NEWLINE) {
      commands.push(fault("EXPECTED_CRLF"));
      return end;
    }
    const { priority, delayMs, ttrMs, size } = head;
    commands.push({ op: "put", priority, delayMs, ttrMs, body: this.#body.subarray(0, size) });
    return end;
  }
}

function fault(reply: Fault): Command {
  return { op: "fault", reply };
}
