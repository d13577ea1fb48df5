import { BLOCK_SIZES, type BlockPool } from "./block_pool.ts";

const LARGEST_BLOCK = BLOCK_SIZES[BLOCK_SIZES.length - 1];
/** From this length on bytes that their owner leaves alone are queued without a copy behind others. */
const MIN_BORROWED = 8192;

/** Options of {@linkcode WriteQueue}. */
export interface WriteQueueOptions {
  /** Where memory for copies comes from. */
  pool: BlockPool;
  /**
   * Queued bytes at which the queue is full.
   *
   * @default {65_536}
   */
  highWatermark?: number;
  /**
   * Queued bytes at which a full queue has drained.
   *
   * @default {16_384}
   */
  lowWatermark?: number;
}

/** Bytes of a {@linkcode WriteQueue} that lie one behind the other. */
export interface Piece {
  /** Where they are. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where they start there. */
  start: number;
  /** Where they end. */
  end: number;
  /** Whether the bytes are a block of the pool that takes more at its end. */
  block: boolean;
}

/**
 * Bytes that a stream has yet to send, for any poller: small writes are copied
 * one behind the other into blocks, so that few system calls send many of
 * them, and the watermarks are watched. A poller sends what {@linkcode peek}
 * gives, then tells by {@linkcode shift} how much of it went out. Bytes it was
 * given stay in place until they are shifted, whatever is pushed meanwhile.
 *
 * @example Two writes, one piece
 * ```ts
 * import { BlockPool, WriteQueue } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new WriteQueue({ pool: new BlockPool() });
 * queue.push(new TextEncoder().encode("one "));
 * queue.push(new TextEncoder().encode("two"));
 * assertEquals(new TextDecoder().decode(queue.peek()!), "one two");
 * queue.shift(4);
 * assertEquals(new TextDecoder().decode(queue.peek()!), "two");
 * ```
 */
export class WriteQueue {
  readonly #pool: BlockPool;
  readonly #high: number;
  readonly #low: number;
  #pieces: Piece[] = [];
  #first = 0;
  #length = 0;
  #full = false;

  /**
   * Makes a write queue.
   *
   * @param options See {@linkcode WriteQueueOptions}.
   * @throws {RangeError} When the watermarks are no positive numbers, the low one at most the high one.
   */
  constructor(options: WriteQueueOptions) {
    const { highWatermark = 65_536, lowWatermark = Math.min(16_384, highWatermark) } = options;
    if (!(highWatermark > 0) || !(lowWatermark >= 0) || lowWatermark > highWatermark) {
      throw new RangeError(
        `Cannot make write queue as its watermarks are out of order: low ${lowWatermark}, high ${highWatermark}`,
      );
    }
    this.#pool = options.pool;
    this.#high = highWatermark;
    this.#low = lowWatermark;
  }

  /** Bytes queued. */
  get length(): number {
    return this.#length;
  }

  /** Whether the high watermark was reached, and the low one not again since. */
  get full(): boolean {
    return this.#full;
  }

  /** Whether the queue is at or below the low watermark. */
  get drained(): boolean {
    return this.#length <= this.#low;
  }

  /**
   * Queues `bytes`.
   *
   * @param options `borrowed` tells that `bytes` don't change until they are sent.
   * @returns Whether to go on: `false` when the queue is full.
   */
  push(bytes: Uint8Array, options?: { borrowed?: boolean }): boolean {
    const { length } = bytes;
    if (length > 0) {
      // What is sent alone, as what goes to many mostly is, is not worth a copy either.
      const isLarge = length >= MIN_BORROWED || this.#length === 0;
      if (isLarge && options?.borrowed) this.#refer(bytes);
      else if (length > LARGEST_BLOCK) this.#refer(bytes.slice());
      else this.#copy(bytes);
      this.#length += length;
      if (this.#length >= this.#high) this.#full = true;
    }
    return !this.#full;
  }

  /** @ignore All that is to be sent, when that is one piece; otherwise `null`. For pollers. */
  get only(): Readonly<Piece> | null {
    return this.#pieces.length - this.#first === 1 ? this.#pieces[this.#first] : null;
  }

  /**
   * The first bytes to send, in one piece; `null` when there are none.
   *
   * @param place How many pieces to leave out; several may be sent at once.
   */
  peek(place: number = 0): Uint8Array<ArrayBuffer> | null {
    const piece = this.#pieces[this.#first + place];
    if (piece === undefined) return null;
    const { bytes, start, end } = piece;
    return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
  }

  /**
   * Forgets the first `count` bytes, as they were sent.
   *
   * @returns Whether this has drained a full queue.
   */
  shift(count: number): boolean {
    this.#length -= count;
    for (let left = count; left > 0;) {
      const piece = this.#pieces[this.#first];
      const part = Math.min(left, piece.end - piece.start);
      left -= part;
      piece.start += part;
      if (piece.start === piece.end) this.#dropFirst(piece);
    }
    if (!this.#full || !this.drained) return false;
    this.#full = false;
    return true;
  }

  /** Forgets everything. Its memory isn't used again, as a system call may still read it. */
  clear(): void {
    this.#pieces = [];
    this.#first = 0;
    this.#length = 0;
    this.#full = false;
  }

  #copy(bytes: Uint8Array): void {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.block && last.bytes.length - last.end >= bytes.length) {
      last.bytes.set(bytes, last.end);
      last.end += bytes.length;
      return;
    }
    // Who queues more than a block of one size holds gets one of the next.
    const least = last === undefined ? 0 : Math.min(last.bytes.length + 1, LARGEST_BLOCK);
    const block = this.#pool.take(Math.max(bytes.length, least));
    block.set(bytes);
    this.#pieces.push({ bytes: block, start: 0, end: bytes.length, block: true });
  }

  #refer(bytes: Uint8Array): void {
    const piece = bytes as Uint8Array<ArrayBuffer>;
    this.#pieces.push({ bytes: piece, start: 0, end: piece.length, block: false });
  }

  #dropFirst(piece: Piece): void {
    if (piece.block) this.#pool.give(piece.bytes);
    if (++this.#first === this.#pieces.length) {
      this.#pieces.length = 0;
      this.#first = 0;
    } else if (this.#first >= 64 && this.#first * 2 > this.#pieces.length) {
      this.#pieces.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
