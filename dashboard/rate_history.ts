/** Options of {@linkcode RateHistory}. */
export interface RateHistoryOptions {
  /**
   * Most rates kept of each counter.
   *
   * @default {120}
   */
  maxSamples?: number;
}

/** What counters that only grow have grown by, a second, over the last while. */
export class RateHistory<Name extends string> {
  readonly #maxSamples: number;
  readonly #rates = new Map<Name, number[]>();
  #last: { now: number; counters: Readonly<Record<Name, number>> } | null = null;

  /**
   * Makes an empty one.
   *
   * @param options See {@linkcode RateHistoryOptions}.
   */
  constructor(options: RateHistoryOptions = {}) {
    this.#maxSamples = options.maxSamples ?? 120;
  }

  /** Takes the counters as they are at a time in milliseconds; a counter that fell began anew. */
  record(now: number, counters: Readonly<Record<Name, number>>): void {
    const last = this.#last;
    if (last !== null && now <= last.now) return;
    this.#last = { now, counters: { ...counters } };
    if (last === null) return;
    for (const name of Object.keys(counters) as Name[]) {
      const growth = counters[name] - (last.counters[name] ?? 0);
      const rates = this.#rates.get(name) ?? [];
      rates.push(Math.max(0, growth) * 1000 / (now - last.now));
      if (rates.length > this.#maxSamples) rates.shift();
      this.#rates.set(name, rates);
    }
  }

  /** The rates, the latest last. */
  rates(name: Name): readonly number[] {
    return this.#rates.get(name) ?? [];
  }

  /** The mean of the last `samples` rates; 0 when there are none. */
  rate(name: Name, samples = 5): number {
    const last = this.rates(name).slice(-samples);
    return last.length === 0 ? 0 : last.reduce((sum, rate) => sum + rate, 0) / last.length;
  }
}
