const decoder = new TextDecoder();

/**
 * Reads what a {@linkcode ByteWriter} has written. What is cut short reads as
 * zeros and empty texts, and {@linkcode failed} tells so.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Whether more was read than there is. */
  failed = false;

  /**
   * @param bytes What to read.
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all was read, and not more. */
  get complete(): boolean {
    return !this.failed && this.#at === this.#bytes.length;
  }

  /** Where the next byte is. */
  get offset(): number {
    return this.#at;
  }

  /** Reads one byte. */
  byte(): number {
    if (this.#at < this.#bytes.length) return this.#bytes[this.#at++];
    this.failed = true;
    return 0;
  }

  /** Reads a whole number. */
  uint(): number {
    const first = this.byte();
    if (first < 0x80) return first;
    let value = first - 0x80;
    for (let scale = 0x80; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    this.failed = true;
    return 0;
  }

  /** Reads a whole number that may be negative. */
  int(): number {
    const value = this.uint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Reads a text. */
  text(): string {
    return decoder.decode(this.bytes());
  }

  /** Reads bytes; the result shares the memory that is read from. */
  bytes(): Uint8Array {
    return this.raw(this.uint());
  }

  /** Reads `length` bytes. */
  raw(length: number): Uint8Array {
    const start = this.#at;
    if (length > this.#bytes.length - start) {
      this.failed = true;
      this.#at = this.#bytes.length;
      return this.#bytes.subarray(start, start);
    }
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }
}
