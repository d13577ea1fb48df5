/** A source of random numbers, replaceable by a seeded one. */
export interface RandomSource {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** `length` random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/**
 * The platform's cryptographic random source.
 *
 * @example Draw bytes
 * ```ts
 * import { SystemRandom } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new SystemRandom().bytes(12).length, 12);
 * ```
 */
export class SystemRandom implements RandomSource {
  /** A number from 0 (included) to 1 (excluded); not for secrets. */
  next(): number {
    return Math.random();
  }

  /** `length` bytes fit for keys and nonces. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    // The platform fills at most 65,536 bytes a call.
    for (let at = 0; at < length; at += 65_536) {
      crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    }
    return bytes;
  }
}

/**
 * A repeatable random source: the same seed gives the same numbers. After
 * Bob Jenkins's small fast generator (sfc32); never for secrets.
 *
 * @example The same seed gives the same numbers
 * ```ts
 * import { SeededRandom } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new SeededRandom(7).next(), new SeededRandom(7).next());
 * ```
 */
export class SeededRandom implements RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * Makes a source.
   *
   * @param seed Any number; its lower 53 bits count.
   */
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 0x1_0000_0000) | 0;
    this.#c = 0x9e3779b9 | 0;
    for (let i = 0; i < 16; i++) this.#next32();
  }

  /** A number from 0 (included) to 1 (excluded). */
  next(): number {
    return (this.#next32() >>> 0) / 0x1_0000_0000;
  }

  /** `length` pseudo-random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#next32();
    return bytes;
  }

  #next32(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }
}
