/** The end of all that was said in one direction, which compression refers to. */
export class SlidingWindow {
  readonly #size: number;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /**
   * @param windowBits The base-two logarithm of its size.
   */
  constructor(windowBits: number) {
    this.#size = 2 ** windowBits;
  }

  /** What is in the window; empty at first. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Moves the window behind `message`. */
  push(message: Uint8Array): void {
    if (message.length === 0) return;
    if (message.length >= this.#size) {
      this.#bytes = new Uint8Array(message.subarray(message.length - this.#size));
      return;
    }
    const length = Math.min(this.#size, this.#bytes.length + message.length);
    const kept = length - message.length;
    const next = this.#bytes.length === length ? this.#bytes : new Uint8Array(length);
    if (next === this.#bytes) next.copyWithin(0, length - kept);
    else next.set(this.#bytes.subarray(this.#bytes.length - kept));
    next.set(message, kept);
    this.#bytes = next;
  }
}
