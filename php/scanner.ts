import { Byte } from "./_ascii.ts";
import { checkLimit } from "./limits.ts";
import type { DecodeError, DecodeFailure } from "./result.ts";

/** The limits of a {@link PhpScanner}. */
export interface ScannerOptions {
  /**
   * The longest value in bytes.
   * @default 16777216
   */
  readonly maxBytes?: number;
  /**
   * How deep arrays and objects may be nested.
   * @default 512
   */
  readonly maxDepth?: number;
}

/** What a chunk told about the end of the value. */
export type ScanResult =
  | {
    /** Tells progress from a failure. */
    readonly ok: true;
    /** Whether the value ends in this chunk; if not, it takes all of it. */
    readonly done: boolean;
    /** How many bytes of this chunk belong to the value. */
    readonly end: number;
  }
  | DecodeFailure;

/**
 * What follows each tag: `#` stands for digits and the colon behind them, `$` for as many bytes as
 * those digits said, `~` for the characters of a number and the semicolon behind them, `{` opens a
 * level, and anything else is itself. A `(` and a `)` are the braces around a payload.
 */
const GRAMMAR: Readonly<Record<string, string>> = {
  N: ";",
  b: ":~",
  i: ":~",
  d: ":~",
  r: ":~",
  R: ":~",
  s: ':#"$";',
  E: ':#"$";',
  a: ":#{",
  O: ':#"$":#{',
  C: ':#"$":#($)',
};

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 512;
/** No length has more digits. */
const MAX_DIGITS = 15;

/**
 * Finds where a serialized value ends in a stream, chunk by chunk: a newline inside of it ends
 * nothing. Each byte is looked at once however the stream is cut. The scanner only finds the end:
 * whether the value is right, `decode()` tells.
 *
 * @example A value in two chunks
 * ```ts
 * import { PhpScanner } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * const text = new TextEncoder();
 * const scanner = new PhpScanner();
 * assertEquals(scanner.push(text.encode('s:9:"two\nli')), { ok: true, done: false, end: 11 });
 * assertEquals(scanner.push(text.encode('nes";\ni:1;')), { ok: true, done: true, end: 5 });
 * ```
 */
export class PhpScanner {
  readonly #maxBytes: number;
  readonly #maxDepth: number;
  /** How many bytes were taken before this chunk. */
  #taken = 0;
  #depth = 0;
  /** What must follow, and how much of it did. */
  #rule = "";
  #step = 0;
  #digits = 0;
  #length = 0;

  /**
   * Makes a scanner for one value, and then the next.
   *
   * @param options The limits.
   * @throws {RangeError} When a limit is out of range.
   */
  constructor(options: ScannerOptions = {}) {
    this.#maxBytes = checkLimit("maxBytes", options.maxBytes ?? MAX_BYTES);
    this.#maxDepth = checkLimit("maxDepth", options.maxDepth ?? MAX_DEPTH);
  }

  /**
   * Takes the next chunk. When the value ends in it, or is wrong, the scanner is ready for another
   * value.
   *
   * @param chunk The bytes that follow those pushed before.
   * @returns Whether the value ends and where, or what is wrong; offsets in errors count from the
   * start of the value.
   */
  push(chunk: Uint8Array): ScanResult {
    let at = 0;
    while (at < chunk.length) {
      const next = this.#take(chunk, at);
      if (typeof next !== "number") return this.#fail(this.#taken + at, next);
      at = next;
      if (this.#taken + at > this.#maxBytes) return this.#fail(this.#maxBytes, TOO_LONG);
      if (this.#depth === 0 && this.#step === this.#rule.length) {
        this.reset();
        return { ok: true, done: true, end: at };
      }
    }
    this.#taken += at;
    return { ok: true, done: false, end: at };
  }

  /** Forgets what was pushed, so that the next chunk starts a value. */
  reset(): void {
    this.#taken = 0;
    this.#depth = 0;
    this.#rule = "";
    this.#step = 0;
    this.#digits = 0;
    this.#length = 0;
  }

  /** Takes one byte or the bytes of a string; gives the next offset, or what is wrong. */
  #take(chunk: Uint8Array, at: number): number | Fault {
    const byte = chunk[at]!;
    if (this.#step === this.#rule.length) return this.#tag(byte) ?? at + 1;
    const expected = this.#rule[this.#step]!;
    if (expected === "$" && this.#length > 0) {
      const taken = Math.min(this.#length, chunk.length - at);
      this.#length -= taken;
      return at + taken;
    }
    return this.#part(expected, byte) ?? at + 1;
  }

  #tag(byte: number): Fault | null {
    if (byte === Byte.CLOSE && this.#depth > 0) {
      this.#depth--;
      return null;
    }
    const rule = GRAMMAR[String.fromCharCode(byte)];
    if (rule === undefined) return MALFORMED;
    this.#rule = rule;
    this.#step = 0;
    return null;
  }

  /** Takes a byte that must be the next part of the rule. */
  #part(expected: string, byte: number): Fault | null {
    if (expected === "#") return this.#number(byte);
    if (expected === "~") {
      if (byte === Byte.SEMICOLON) this.#step++;
      return byte === Byte.SEMICOLON || isNumeric(byte) ? null : MALFORMED;
    }
    if (expected === "$") {
      // The bytes of the string are taken: this is the one behind them.
      this.#step++;
      return this.#part(this.#rule[this.#step]!, byte);
    }
    if (byte !== literal(expected)) return MALFORMED;
    this.#step++;
    if (expected === "{") this.#depth++;
    return this.#depth > this.#maxDepth ? TOO_DEEP : null;
  }

  #number(byte: number): Fault | null {
    if (byte === Byte.COLON && this.#digits > 0) {
      this.#step++;
      this.#digits = 0;
      return null;
    }
    if (byte < Byte.ZERO || byte > Byte.NINE || this.#digits === MAX_DIGITS) return MALFORMED;
    this.#length = (this.#digits === 0 ? 0 : this.#length * 10) + byte - Byte.ZERO;
    this.#digits++;
    return null;
  }

  #fail(offset: number, { code, reason }: Fault): ScanResult {
    this.reset();
    return { ok: false, error: { code, offset, reason } };
  }
}

type Fault = Pick<DecodeError, "code" | "reason">;

const MALFORMED: Fault = { code: "malformed", reason: "Not a serialized value" };
const TOO_DEEP: Fault = { code: "limit", reason: "Nested too deep" };
const TOO_LONG: Fault = { code: "limit", reason: "Longer than allowed" };

function literal(part: string): number {
  if (part === "(") return Byte.OPEN;
  return part === ")" ? Byte.CLOSE : part.charCodeAt(0);
}

/** Digits, signs, the dot, and the letters of exponents, `INF` and `NAN`. */
function isNumeric(byte: number): boolean {
  if (byte >= Byte.ZERO && byte <= Byte.NINE) return true;
  return NUMERIC.includes(byte);
}

const NUMERIC = [...new TextEncoder().encode("+-.eEINFA")];
