import type { JobCounts, JobTotals } from "../store_stats.ts";
import { type JobState, URGENT_BELOW } from "../stored_job.ts";

/** How many jobs of a tube, or of a whole store, there are and were. */
export class Tally implements JobCounts {
  ready = 0;
  urgent = 0;
  delayed = 0;
  reserved = 0;
  buried = 0;
  readonly totals: JobTotals = {
    pushed: 0,
    duplicates: 0,
    completed: 0,
    deleted: 0,
    expired: 0,
    reserves: 0,
    timeouts: 0,
    releases: 0,
    buries: 0,
    kicks: 0,
  };

  /** All jobs. */
  get size(): number {
    return this.ready + this.delayed + this.reserved + this.buried;
  }

  /** Counts `count` jobs into a state, or out of it when it is negative. */
  shift(state: JobState, priority: number, count: number): void {
    this[state] += count;
    if (state === "ready" && priority < URGENT_BELOW) this.urgent += count;
  }

  /** How many there are. */
  counts(): JobCounts {
    const { ready, urgent, delayed, reserved, buried } = this;
    return { ready, urgent, delayed, reserved, buried };
  }
}
