/** Bytes that share one piece of memory: what is kept of one keeps no more than these. */
const SLAB_BYTES = 8192;
/** The longest bytes that share. */
const MAX_SHARED = 1024;
/** Bytes of UTF-8 that a unit of a text may take. */
const BYTES_A_UNIT = 3;

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/**
 * Makes room for short runs of bytes, many in one piece of memory, as each piece costs the garbage
 * collector far more than its bytes.
 */
export class ByteSlab {
  #slab: Uint8Array<ArrayBuffer> = NOTHING;
  #used = 0;

  /** Room for `length` bytes, which may hold anything. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > MAX_SHARED) return new Uint8Array(length);
    this.#reserve(length);
    return this.#cut(length);
  }

  /** A copy of bytes. */
  copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const copy = this.take(bytes.length);
    copy.set(bytes);
    return copy;
  }

  /** A text as UTF-8. */
  encode(text: string): Uint8Array<ArrayBuffer> {
    const most = BYTES_A_UNIT * text.length;
    if (most > MAX_SHARED) return encoder.encode(text);
    this.#reserve(most);
    return this.#cut(encoder.encodeInto(text, this.#slab.subarray(this.#used)).written);
  }

  #reserve(length: number): void {
    if (this.#slab.length - this.#used >= length) return;
    this.#slab = new Uint8Array(SLAB_BYTES);
    this.#used = 0;
  }

  #cut(length: number): Uint8Array<ArrayBuffer> {
    return this.#slab.subarray(this.#used, this.#used += length);
  }
}
