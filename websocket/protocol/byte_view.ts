import { Buffer } from "node:buffer";

/** From this length on, ASCII is decoded faster as Latin-1 than as UTF-8. */
const LATIN1_FROM = 256;
/** Up to this length bytes are unmasked one by one. */
const SHORT = 12;

/**
 * A window on the chunk that is being read. Pollers read into few buffers, so
 * the views of the last one are kept from chunk to chunk.
 */
export class ByteView {
  #memory: ArrayBuffer | null = null;
  #words = new Int32Array(0);
  #text = Buffer.alloc(0);
  #bytes = new Uint8Array(0);
  #offset = 0;

  /** Looks at `bytes`, which are going to be changed. */
  use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#offset = bytes.byteOffset;
    const memory = bytes.buffer;
    if (memory === this.#memory) return;
    this.#memory = memory;
    this.#words = new Int32Array(memory, 0, memory.byteLength >> 2);
    this.#text = Buffer.from(memory);
  }

  /**
   * Removes the mask from the bytes from `start` to `end`, in place.
   *
   * @param start Where to begin.
   * @param end Where to stop.
   * @param mask The four bytes of the mask, the one that belongs to `start` lowest.
   * @returns Some bits, of which one in 0x80808080 is set unless all bytes are ASCII.
   */
  unmask(start: number, end: number, mask: number): number {
    const bytes = this.#bytes;
    let at = start;
    let bits = 0;
    if (end - start > SHORT) {
      for (; ((at + this.#offset) & 3) !== 0; at++) {
        bits |= bytes[at] ^= mask & 0xff;
        mask = (mask >>> 8) | (mask << 24);
      }
      const words = this.#words;
      const last = (end + this.#offset) >> 2;
      for (let i = (at + this.#offset) >> 2; i < last; i++) bits |= words[i] ^= mask;
      at = (last << 2) - this.#offset;
    }
    for (; at < end; at++) {
      bits |= bytes[at] ^= mask & 0xff;
      mask = (mask >>> 8) | (mask << 24);
    }
    return bits;
  }

  /** The bytes from `start` to `end`, which are ASCII, as text. */
  ascii(start: number, end: number): string {
    const encoding = end - start < LATIN1_FROM ? "utf8" : "latin1";
    return this.#text.toString(encoding, start + this.#offset, end + this.#offset);
  }

  /** The bytes from `start` to `end`, which are UTF-8, as text. */
  utf8(start: number, end: number): string {
    return this.#text.toString("utf8", start + this.#offset, end + this.#offset);
  }
}
