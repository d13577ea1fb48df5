/** A set of small whole numbers, one bit each. */
export class Bitmap {
  /** The bits, the lowest number in the lowest bit of the first byte. */
  readonly bytes: Uint8Array;

  /**
   * @param size Numbers below this one can be in the set.
   * @param bytes The bits to begin with, which the set then owns.
   */
  constructor(size: number, bytes: Uint8Array = new Uint8Array((size + 7) >> 3)) {
    this.bytes = bytes;
  }

  /** Whether a number is in the set. */
  has(n: number): boolean {
    return (this.bytes[n >> 3] & (1 << (n & 7))) !== 0;
  }

  /** Puts a number in. */
  add(n: number): void {
    this.bytes[n >> 3] |= 1 << (n & 7);
  }

  /** Takes a number out. */
  delete(n: number): void {
    this.bytes[n >> 3] &= ~(1 << (n & 7));
  }

  /** Whether no number is in the set. */
  get empty(): boolean {
    return this.bytes.every((byte) => byte === 0);
  }

  /** Another set with the same numbers. */
  copy(): Bitmap {
    return new Bitmap(0, this.bytes.slice());
  }
}
