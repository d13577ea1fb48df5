import { IoVector } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { addressOf, nativeWords, writeAddress } from "./native_memory.ts";

const ARENA_BYTES = 524_288;
/** The most that one stream reads at a time. */
const MAX_READ_BYTES = 65_536;
/** With less room than this, reading waits for the next iteration. */
const MIN_READ_BYTES = 4096;

/**
 * Memory that all streams of a poller read into, one behind the other, so that
 * an idle stream holds none. What was read in one I/O phase stays until the next.
 */
export class ReadArena {
  readonly #libc: Libc;
  readonly #bytes = new Uint8Array(ARENA_BYTES);
  readonly #base = addressOf(this.#bytes);
  readonly #vector = nativeWords(IoVector.words);
  #used = 0;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** How much may still be read in this phase. */
  get free(): number {
    return ARENA_BYTES - this.#used;
  }

  /** Whether that is too little to begin. */
  get full(): boolean {
    return this.free < MIN_READ_BYTES;
  }

  /** An I/O phase begins: what former ones have read is gone. */
  reset(): void {
    this.#used = 0;
  }

  /**
   * Keeps the next `length` bytes for what was just read, or is about to be.
   *
   * @returns Where they start, for {@linkcode address} and {@linkcode slice}.
   */
  reserve(length: number): number {
    const start = this.#used;
    this.#used += length;
    return start;
  }

  /** The address of what starts at `start`. */
  address(start: number): number {
    return this.#base + start;
  }

  /** The `count` bytes from `start` on. */
  slice(start: number, count: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(start, start + count);
  }

  /**
   * Reads from a descriptor.
   *
   * @returns How many bytes, for {@linkcode reserve}; 0 at the end; a negative error number.
   */
  read(descriptor: number): number {
    writeAddress(this.#vector, IoVector.base, this.#base + this.#used);
    this.#vector[IoVector.length] = Math.min(MAX_READ_BYTES, ARENA_BYTES - this.#used);
    const count = this.#libc.calls.readv(descriptor, this.#vector, 1);
    return count < 0 ? -this.#libc.errno[0] : count;
  }
}
