import type { JobCounts, JobTotals, StoreStats, TubeStats } from "../../store_stats.ts";
import { Tally } from "../tally.ts";

/** What Redis says of a tube, or of all of them. */
export type Counts = Record<string, number | string>;

/** The counters of the store as they were in the last answer of Redis. */
export class Mirror {
  readonly #tubes = new Map<string, Counts>();
  #totals: Counts = {};
  /** Jobs in all states. */
  jobs = 0;

  /** Takes in what an answer says: the tubes that it has touched, `false` for those that are gone. */
  update(tubes: Record<string, Counts | false>, totals: Counts): void {
    for (const [tube, counts] of Object.entries(tubes)) {
      if (counts === false) this.#tubes.delete(tube);
      else this.#tubes.set(tube, counts);
    }
    if (Object.keys(totals).length > 0) this.#totals = totals;
  }

  /** Forgets the tubes that a list of all of them doesn't have. */
  keepOnly(tubes: Record<string, unknown>): void {
    for (const tube of this.#tubes.keys()) if (!(tube in tubes)) this.#tubes.delete(tube);
  }

  /** The names of all tubes. */
  names(): string[] {
    return [...this.#tubes.keys()];
  }

  /** Whether a tube holds no job that isn't buried. */
  isEmpty(tube: string): boolean {
    const counts = this.#tubes.get(tube);
    return counts === undefined ||
      ["ready", "delayed", "reserved"].every((state) => !counts[state]);
  }

  /** What a tube holds, at a time on the clock of Redis. */
  tubeStats(tube: string, now: number, waiting: number): TubeStats | null {
    const counts = this.#tubes.get(tube);
    if (counts === undefined) return null;
    const { totals, ...own } = tallyOf(counts);
    const pauseLeftMs = Math.max(0, numberOf(counts.pausedUntil) - now);
    return {
      tube,
      ...own,
      waiting,
      pauses: numberOf(counts.pauses),
      pauseMs: pauseLeftMs > 0 ? numberOf(counts.pauseMs) : 0,
      pauseLeftMs,
      totals,
    };
  }

  /** What the store holds. */
  stats(more: Pick<StoreStats, "waiting" | "pendingBytes" | "staleLeases">): StoreStats {
    const { totals, ...own } = tallyOf(this.#totals);
    return { ...own, tubes: this.#tubes.size, ...more, totals };
  }
}

function numberOf(value: number | string | undefined): number {
  if (value === undefined) return 0;
  return value === "inf" ? Infinity : Number(value);
}

function tallyOf(counts: Counts): JobCounts & { totals: JobTotals } {
  const tally = new Tally();
  for (const name of Object.keys(tally.counts()) as (keyof JobCounts)[]) {
    tally[name] = numberOf(counts[name]);
  }
  for (const name of Object.keys(tally.totals) as (keyof JobTotals)[]) {
    tally.totals[name] = numberOf(counts[name]);
  }
  return { ...tally.counts(), totals: tally.totals };
}
