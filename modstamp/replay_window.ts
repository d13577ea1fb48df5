/** Sequence numbers remembered below the highest one; late packets within it pass once. */
const WINDOW = 1024;

/**
 * Tells which sequence numbers of one sender were seen: a sliding window of
 * bits below the highest number, after the anti-replay window of IPsec
 * (RFC 6479).
 *
 * @example A number passes once
 * ```ts
 * import { ReplayWindow } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * const window = new ReplayWindow();
 * assertEquals([7, 5, 7, 6].map((number) => window.accept(number)), [true, true, false, true]);
 * ```
 */
export class ReplayWindow {
  #highest = -1;
  readonly #bits = new Uint32Array(WINDOW / 32);

  /**
   * Marks a number as seen.
   *
   * @param sequence A non-negative integer.
   * @returns Whether it is new and not too old to tell.
   */
  accept(sequence: number): boolean {
    if (sequence <= this.#highest - WINDOW) return false;
    if (sequence > this.#highest) {
      const clear = Math.min(sequence - this.#highest, WINDOW);
      for (let i = 0; i < clear; i++) this.#set(sequence - i, false);
      this.#highest = sequence;
    } else if (this.#has(sequence)) return false;
    this.#set(sequence, true);
    return true;
  }

  #has(sequence: number): boolean {
    const place = sequence % WINDOW;
    return (this.#bits[place >> 5] & (1 << (place & 31))) !== 0;
  }

  #set(sequence: number, seen: boolean): void {
    const place = ((sequence % WINDOW) + WINDOW) % WINDOW;
    const bit = 1 << (place & 31);
    if (seen) this.#bits[place >> 5] |= bit;
    else this.#bits[place >> 5] &= ~bit;
  }
}
