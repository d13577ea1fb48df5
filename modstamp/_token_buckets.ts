/**
 * Token buckets by number in flat memory. Each holds one second's worth, and is
 * full until it is first used.
 */
export class TokenBuckets {
  readonly #rate: number;
  #levels = new Float32Array(1024);
  #times = new Float64Array(1024).fill(-Infinity);

  /** @param rate Tokens a second. */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Takes tokens out of a bucket if they are there. */
  take(bucket: number, tokens: number, nowMs: number): boolean {
    if (bucket >= this.#times.length) this.#enlarge(bucket);
    const elapsedMs = Math.max(0, nowMs - this.#times[bucket]);
    const level = Math.min(this.#rate, this.#levels[bucket] + elapsedMs * this.#rate / 1000);
    const enough = level >= tokens;
    this.#levels[bucket] = enough ? level - tokens : level;
    this.#times[bucket] = nowMs;
    return enough;
  }

  /** Fills a bucket. */
  forget(bucket: number): void {
    if (bucket < this.#times.length) this.#times[bucket] = -Infinity;
  }

  #enlarge(bucket: number): void {
    const length = Math.max(this.#times.length * 2, bucket + 1);
    const times = new Float64Array(length).fill(-Infinity);
    times.set(this.#times);
    this.#times = times;
    const levels = new Float32Array(length);
    levels.set(this.#levels);
    this.#levels = levels;
  }
}
