import { bytesOf } from "./bytes.ts";

/** Strings up to this length are tried as ASCII by hand, which is faster than calling an encoder. */
const SHORT = 64;

/** Integers up to this are written by hand. */
const MAX_FAST = 0x3fffffff;
const MAX_FAST_DIGITS = 10;

const encoder = new TextEncoder();

/** Bytes that grow at the end, with gaps that are filled later. */
export class Writer {
  #buffer = new Uint8Array(256);
  #length = 0;
  /** What comes before the buffer, and the gaps. */
  #parts: Uint8Array[] = [];
  #partsLength = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#partsLength + this.#length;
  }

  /** Adds ASCII text. */
  ascii(text: string): void {
    this.#reserve(text.length);
    for (let at = 0; at < text.length; at++) this.#buffer[this.#length++] = text.charCodeAt(at);
  }

  /** Adds an integer in decimal. */
  integer(value: number | bigint): void {
    if (typeof value !== "number" || value < 0 || value > MAX_FAST) {
      this.ascii(String(value));
      return;
    }
    this.#reserve(MAX_FAST_DIGITS);
    let end = this.#length + 1;
    for (let limit = 10; limit <= value; limit *= 10) end++;
    this.#length = end;
    let rest = value;
    do {
      const tenth = (rest / 10) | 0;
      this.#buffer[--end] = 0x30 + rest - tenth * 10;
      rest = tenth;
    } while (rest > 0);
  }

  /** Adds bytes. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Adds text as UTF-8 with its length in bytes before it, as `length:"text"`. */
  quoted(text: string): void {
    if (text.length <= SHORT && this.#quotedAscii(text)) return;
    const bytes = bytesOf(text);
    this.ascii(`${bytes.length}:"`);
    this.bytes(bytes);
    this.ascii('"');
  }

  /** Leaves a gap here; returns its number. */
  gap(): number {
    this.#seal();
    return this.#parts.push(new Uint8Array(0)) - 1;
  }

  /** Fills a gap with ASCII text. */
  fill(gap: number, text: string): void {
    this.#parts[gap] = encoder.encode(text);
    this.#partsLength += text.length;
  }

  /** All bytes, in memory of their own. */
  finish(): Uint8Array {
    if (this.#parts.length === 0) return this.#buffer.slice(0, this.#length);
    this.#seal();
    const all = new Uint8Array(this.#partsLength);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #quotedAscii(text: string): boolean {
    const { length } = text;
    const start = this.#length;
    this.integer(length);
    this.ascii(':"');
    this.#reserve(length + 1);
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) {
        this.#length = start;
        return false;
      }
      this.#buffer[this.#length++] = code;
    }
    this.#buffer[this.#length++] = 0x22;
    return true;
  }

  #seal(): void {
    this.#parts.push(this.#buffer.slice(0, this.#length));
    this.#partsLength += this.#length;
    this.#length = 0;
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
