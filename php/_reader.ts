import { Byte } from "./_ascii.ts";
import { DecodeFault } from "./_fault.ts";
import { ASCII, BINARY, classify } from "./_utf8.ts";
import { PhpBytes } from "./bytes.ts";
import type { PhpString } from "./bytes.ts";
import { PhpFloat } from "./float.ts";
import type { PhpKey } from "./key.ts";
import type { DecodeError } from "./result.ts";

/** Strings up to this length are put together by hand, which is faster than calling a decoder. */
const SHORT = 16;
/** So many digits always make a safe integer. */
const SAFE_DIGITS = 15;
/** 2 ** 63 has so many digits. */
const MAX_DIGITS = 19;

/** Windows are this long at first, and each twice as long as the one before it. */
const FIRST_WINDOW = 1024;
const MAX_WINDOW = 8192;
/** What is longer needs no window. */
const LONG = 1024;

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
// One character a byte, and ASCII stays ASCII: offsets in a window are those in the bytes.
const bytewise = new TextDecoder("windows-1252");
const EMPTY = new Uint8Array(0);

/** Reads the parts that serialized values are made of, and says where one is wrong. */
export class Reader {
  readonly bytes: Uint8Array;
  /** The next byte to read. */
  at: number;
  /** Where reading ends. */
  end: number;
  #window = "";
  #windowStart = 0;
  #copies = EMPTY;
  #copied = 0;

  constructor(bytes: Uint8Array, start: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = bytes.length;
  }

  /** Gives up. */
  fail(reason: string, at: number = this.at, code: DecodeError["code"] = "malformed"): never {
    throw new DecodeFault(code, at, reason);
  }

  /** Takes one byte. */
  byte(): number {
    if (this.at >= this.end) this.#runOut();
    return this.bytes[this.at++]!;
  }

  /** Takes one byte that must be the given one. */
  expect(byte: number): void {
    if (this.at >= this.end) this.#runOut();
    if (this.bytes[this.at] !== byte) this.fail(`Expected ${JSON.stringify(char(byte))}`);
    this.at++;
  }

  /** Takes a length or a number of a reference and the byte behind it. */
  unsigned(until: number): number {
    const { bytes, at: start, end } = this;
    let at = start;
    let value = 0;
    while (at < end && bytes[at]! >= Byte.ZERO && bytes[at]! <= Byte.NINE) {
      value = value * 10 + bytes[at]! - Byte.ZERO;
      at++;
    }
    if (at === end) this.#runOut();
    this.at = at + 1;
    const digits = at - start;
    if (bytes[at] !== until || digits === 0) this.fail("Expected a number", start);
    if (digits > MAX_DIGITS) this.fail("A number is too long", start);
    if (digits > 1 && bytes[start] === Byte.ZERO) this.fail("A number starts with 0", start);
    return value;
  }

  /** Takes an integer and the semicolon behind it. */
  integer(): number | bigint {
    const start = this.at;
    const isNegative = this.bytes[start] === Byte.MINUS && start < this.end;
    if (isNegative) this.at++;
    const value = this.unsigned(Byte.SEMICOLON);
    if (isNegative && value === 0) this.fail("Zero has a sign", start);
    if (this.at - 1 - start <= SAFE_DIGITS) return isNegative ? -value : value;
    const exact = BigInt(this.#slice(start, this.at - 1));
    if (BigInt.asIntN(64, exact) !== exact) this.fail("An integer has more than 64 bits", start);
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  }

  /** Takes a float and the semicolon behind it. */
  float(): PhpFloat {
    const start = this.at;
    while (this.byte() !== Byte.SEMICOLON);
    const float = PhpFloat.parse(this.#slice(start, this.at - 1));
    return float ?? this.fail("Expected a float", start);
  }

  /** Takes a length and that many bytes in quotes. */
  string(): PhpString {
    const length = this.unsigned(Byte.COLON);
    this.expect(Byte.QUOTE);
    const start = this.at;
    this.skip(length);
    this.expect(Byte.QUOTE);
    return this.text(start, start + length);
  }

  /** Takes a key, which is an integer or a string. */
  key(): PhpKey {
    const tag = this.byte();
    if (tag !== Byte.LOWER_I && tag !== Byte.LOWER_S) this.fail("Expected a key", this.at - 1);
    this.expect(Byte.COLON);
    if (tag === Byte.LOWER_I) return this.integer();
    const key = this.string();
    this.expect(Byte.SEMICOLON);
    return key;
  }

  /** Passes over bytes. */
  skip(length: number): void {
    if (length > this.end - this.at) this.#runOut();
    this.at += length;
  }

  /** The string in a range that is known to be there. */
  text(start: number, end: number): PhpString {
    const kind = classify(this.bytes, start, end);
    if (kind === ASCII) return this.#slice(start, end);
    if (kind === BINARY) return new PhpBytes(this.copy(start, end));
    return utf8.decode(this.bytes.subarray(start, end));
  }

  /** A copy of a range; short ones share memory, because a buffer of its own each is slow. */
  copy(start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > LONG) return new Uint8Array(this.bytes.subarray(start, end));
    if (this.#copied + length > this.#copies.length) {
      this.#copies = new Uint8Array(nextWindow(this.#copies.length));
      this.#copied = 0;
    }
    const copy = this.#copies.subarray(this.#copied, this.#copied + length);
    copy.set(this.bytes.subarray(start, end));
    this.#copied += length;
    return copy;
  }

  /** A range as text, one character a byte: cut out of a window on the bytes, which is cheap. */
  #slice(start: number, end: number): string {
    if (end > this.#windowStart + this.#window.length || start < this.#windowStart) {
      if (end - start <= SHORT) return shortText(this.bytes, start, end);
      if (end - start > LONG) return bytewise.decode(this.bytes.subarray(start, end));
      const stop = start + nextWindow(this.#window.length);
      this.#window = bytewise.decode(this.bytes.subarray(start, stop));
      this.#windowStart = start;
    }
    return this.#window.slice(start - this.#windowStart, end - this.#windowStart);
  }

  #runOut(): never {
    this.at = this.end;
    this.fail("The input ends too early", this.end, "incomplete");
  }
}

function nextWindow(length: number): number {
  return Math.min(Math.max(FIRST_WINDOW, length * 2), MAX_WINDOW);
}

function shortText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += char(bytes[at]!);
  return text;
}

function char(byte: number): string {
  return String.fromCharCode(byte);
}
