import { formatCount, formatDuration, type Html, type Tile, tiles } from "../../dashboard/mod.ts";
import type { JobCounts, JobTotals } from "../store_stats.ts";
import type { JobState } from "../stored_job.ts";
import type { Rates } from "./rate_watch.ts";

/** The colour of each state. */
export const TONES = {
  ready: "new",
  delayed: "calm",
  reserved: "busy",
  buried: "bad",
} as const satisfies Record<JobState, Tile["tone"]>;

/** The states, in the order in which they are shown. */
export const STATES: readonly JobState[] = ["ready", "delayed", "reserved", "buried"];

/** How many jobs are in each state, and how long they take. */
export function stateTiles(
  counts: JobCounts & { totals: JobTotals },
  options: { rates: Rates | undefined; waitedMs: number | null },
): Html {
  const { rates, waitedMs } = options;
  const states = STATES.map((state) => {
    return { label: state, value: formatCount(counts[state]), tone: TONES[state] };
  });
  return tiles([
    ...states,
    {
      label: "oldest waits",
      value: waitedMs === null ? "–" : formatDuration(waitedMs),
      note: "of those ready",
    },
    {
      label: "run time",
      value: runTime(counts, rates),
      note: "an estimate",
    },
    {
      label: "completed",
      value: formatCount(counts.totals.completed),
      tone: "good",
      note: "since the start",
    },
  ]);
}

/** By Little's law: who is inside on average, over who leaves a second, is how long one stays. */
function runTime({ reserved }: JobCounts, rates: Rates | undefined): string {
  const ended = (["completed", "releases", "buries"] as const).reduce(
    (sum, name) => sum + (rates?.rate(name, 10) ?? 0),
    0,
  );
  return reserved === 0 || ended === 0 ? "–" : `≈ ${formatDuration(reserved / ended * 1000)}`;
}
