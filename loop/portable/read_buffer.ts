const MIN_BYTES = 1024;
const MAX_BYTES = 65_536;
/** Reads in a row that leave most of the buffer empty until it shrinks. */
const SMALL_READS = 16;

/**
 * The memory that a stream reads into: it grows while reads fill it and
 * shrinks when they are small, so that idle streams hold little.
 */
export class ReadBuffer {
  /** The memory. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(MIN_BYTES);
  #small = 0;

  /** Fits the size for the next read, after one of `count` bytes; its bytes are lost. */
  adapt(count: number): void {
    const size = this.bytes.length;
    if (count === size) {
      this.#small = 0;
      if (size < MAX_BYTES) this.bytes = new Uint8Array(size * 4);
    } else if (count * 8 >= size || size === MIN_BYTES) {
      this.#small = 0;
    } else if (++this.#small === SMALL_READS) {
      this.#small = 0;
      this.bytes = new Uint8Array(size / 4);
    }
  }
}
