/** Sizes of blocks in bytes: a stream that queues more gets a larger one. */
export const BLOCK_SIZES: readonly number[] = [1024, 8192, 65_536];

/** Options of {@linkcode BlockPool}. */
export interface BlockPoolOptions {
  /**
   * Most bytes kept for later in blocks of each size.
   *
   * @default {2_097_152}
   */
  maxIdleBytes?: number;
}

/**
 * Blocks of memory that the write queues of one poller share, so that a stream
 * holds memory only while it has something to send.
 *
 * @example A block that was given back is given out again
 * ```ts
 * import { BlockPool } from "@sluice/sluice/loop";
 * import { assert } from "@std/assert";
 *
 * const pool = new BlockPool();
 * const block = pool.take(100);
 * pool.give(block);
 * assert(pool.take(1000) === block);
 * ```
 */
export class BlockPool {
  readonly #idle: Uint8Array<ArrayBuffer>[][] = BLOCK_SIZES.map(() => []);
  readonly #maxIdleBytes: number;

  /**
   * Makes a block pool.
   *
   * @param options See {@linkcode BlockPoolOptions}.
   */
  constructor(options: BlockPoolOptions = {}) {
    this.#maxIdleBytes = options.maxIdleBytes ?? 2_097_152;
  }

  /**
   * A block of the smallest size that holds `length` bytes.
   *
   * @param length At most the largest of the sizes.
   * @returns The block; what it holds is left over from former use.
   */
  take(length: number): Uint8Array<ArrayBuffer> {
    const size = length <= BLOCK_SIZES[0] ? 0 : length <= BLOCK_SIZES[1] ? 1 : 2;
    return this.#idle[size].pop() ?? new Uint8Array(BLOCK_SIZES[size]);
  }

  /** Takes back a block that nobody uses any more. */
  give(block: Uint8Array<ArrayBuffer>): void {
    const idle = this.#idle[BLOCK_SIZES.indexOf(block.length)];
    if (idle.length * block.length < this.#maxIdleBytes) idle.push(block);
  }
}
