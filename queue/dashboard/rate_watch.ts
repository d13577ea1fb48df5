import { RateHistory } from "../../dashboard/mod.ts";
import type { JobStore } from "../job_store.ts";
import type { JobTotals } from "../store_stats.ts";

const MAX_TUBES = 200;

/** Rates of the counters of a store, or of a tube. */
export type Rates = RateHistory<keyof JobTotals>;

/** What the counters of a store have grown by. */
export class RateWatch {
  readonly #store: JobStore;
  /** The rates of all tubes together. */
  readonly all: Rates = new RateHistory();
  #tubes = new Map<string, Rates>();

  /**
   * @param store The store.
   */
  constructor(store: JobStore) {
    this.#store = store;
  }

  /** The rates of a tube; only so many tubes have any. */
  of(tube: string): Rates | undefined {
    return this.#tubes.get(tube);
  }

  /** Looks at the counters. */
  look(now: number): void {
    this.all.record(now, this.#store.stats().totals);
    const tubes = new Map<string, Rates>();
    for (const tube of this.#store.tubes().slice(0, MAX_TUBES)) {
      const rates = this.#tubes.get(tube) ?? new RateHistory();
      const stats = this.#store.tubeStats(tube);
      if (stats !== null) rates.record(now, stats.totals);
      tubes.set(tube, rates);
    }
    this.#tubes = tubes;
  }
}
