import { Buffer } from "node:buffer";

/** What a buffer holds at least. */
const LEAST_CAPACITY = 1024;

/**
 * The part of a message that has arrived. Grows with what arrives, never with
 * what a peer has announced.
 */
export class MessageBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /**
   * @param capacity How many bytes to make room for.
   */
  constructor(capacity = 0) {
    this.#bytes = new Uint8Array(Math.max(capacity, LEAST_CAPACITY));
  }

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes of memory it takes. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Adds a copy of the first `count` bytes of `bytes`. */
  append(bytes: Uint8Array, count: number): void {
    const length = this.#length + count;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(bytes.subarray(0, count), this.#length);
    this.#length = length;
  }

  /** The bytes; the buffer may not be used any more. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer.transfer(this.#length));
  }

  /** The bytes, which are UTF-8, as text. */
  text(): string {
    return Buffer.from(this.#bytes.buffer, 0, this.#length).toString("utf8");
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
