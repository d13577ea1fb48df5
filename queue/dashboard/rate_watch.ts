import { RateHistory } from "../../dashboard/mod.ts";
import type { EventLoop, Handle } from "../../loop/mod.ts";
import type { JobStore } from "../job_store.ts";
import type { JobTotals } from "../store_stats.ts";

const PERIOD_MS = 1000;
const MAX_TUBES = 200;

/** Rates of the counters of a store, or of a tube. */
export type Rates = RateHistory<keyof JobTotals>;

/** Looks at the counters of a store each second, so that there are rates to show. */
export class RateWatch implements Disposable {
  readonly #store: JobStore;
  readonly #loop: EventLoop;
  readonly #timer: Handle;
  readonly all: Rates = new RateHistory();
  #tubes = new Map<string, Rates>();

  /**
   * @param store The store.
   * @param loop Its clock and timers.
   */
  constructor(store: JobStore, loop: EventLoop) {
    this.#store = store;
    this.#loop = loop;
    this.#look();
    this.#timer = loop.every(PERIOD_MS, () => this.#look());
  }

  /** The rates of a tube; only so many tubes have any. */
  of(tube: string): Rates | undefined {
    return this.#tubes.get(tube);
  }

  /** Looks no more. */
  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #look(): void {
    const now = this.#loop.now();
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
