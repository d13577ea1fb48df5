import { Buffer } from "node:buffer";

const LEAST_CAPACITY = 65_536;
/** Up to this length it is faster to unmask bytes one by one than to copy them first. */
const SHORT = 48;
/** From this length on ASCII is decoded faster as Latin-1 than as UTF-8. */
const LATIN1_FROM = 256;

/**
 * Takes masks off payloads (RFC 6455, 5.3). The result stands in memory that
 * all connections share, and is valid until the next call.
 */
export class Unmasker {
  #bytes!: Uint8Array<ArrayBuffer>;
  #words!: Int32Array<ArrayBuffer>;
  #text!: Buffer;

  constructor() {
    this.#allocate(LEAST_CAPACITY);
  }

  /** Holds the last payload from its beginning on, and something else behind it. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /**
   * Takes the mask off the bytes of `chunk` from `start` to `end`.
   *
   * @param chunk Holds the payload, and is left as it is.
   * @param start Where the payload starts.
   * @param end Where it ends.
   * @param mask The mask, the byte that belongs to `start` lowest.
   * @returns Some bits, of which one in 0x80808080 is set unless all bytes are ASCII.
   */
  unmask(chunk: Uint8Array, start: number, end: number, mask: number): number {
    const length = end - start;
    let bits = 0;
    if (length <= SHORT) {
      const bytes = this.#bytes;
      for (let i = 0; i < length; i++) {
        bits |= bytes[i] = chunk[start + i] ^ (mask >>> ((i & 3) << 3)) & 0xff;
      }
      return bits;
    }
    if (length > this.#bytes.length) this.#allocate(length);
    this.#bytes.set(chunk.subarray(start, end));
    // The words of the last, incomplete one are the payload's only in part.
    const words = this.#words;
    const whole = length >> 2;
    for (let i = 0; i < whole; i++) bits |= words[i] ^= mask;
    for (let i = whole << 2; i < length; i++) {
      bits |= this.#bytes[i] ^= (mask >>> ((i & 3) << 3)) & 0xff;
    }
    return bits;
  }

  /** The last payload, `length` bytes of ASCII, as text. */
  ascii(length: number): string {
    return this.#text.toString(length < LATIN1_FROM ? "utf8" : "latin1", 0, length);
  }

  /** The last payload, `length` bytes of UTF-8, as text. */
  utf8(length: number): string {
    return this.#text.toString("utf8", 0, length);
  }

  #allocate(length: number): void {
    this.#bytes = new Uint8Array(Math.ceil(length / 4) * 4);
    this.#words = new Int32Array(this.#bytes.buffer);
    this.#text = Buffer.from(this.#bytes.buffer);
  }
}
