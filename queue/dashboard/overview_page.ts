import {
  badge,
  chart,
  formatCount,
  formatDuration,
  formatRate,
  html,
  type HtmlValue,
  type Page,
  type Row,
  table,
  type View,
} from "../../dashboard/mod.ts";
import type { JobStore } from "../job_store.ts";
import type { TubeStats } from "../store_stats.ts";
import type { JobState } from "../stored_job.ts";
import type { Rates, RateWatch } from "./rate_watch.ts";
import { STATES, stateTiles } from "./state_tiles.ts";

const MAX_TUBES = 200;

/** All queues at a glance. */
export async function overviewPage(
  view: View,
  { store, watch }: { store: JobStore; watch: RateWatch },
): Promise<Page> {
  const wanted = view.query.get("q") ?? "";
  const names = store.tubes().filter((name) => name.includes(wanted)).sort();
  const shown = names.slice(0, MAX_TUBES);
  const waits = new Map(
    await Promise.all(
      shown.map(async (tube) => [tube, await waitedMs(store, tube, view)] as const),
    ),
  );
  const known = [...waits.values()].filter((ms) => ms !== null);
  const rows = shown.flatMap((tube) => {
    const stats = store.tubeStats(tube);
    return stats === null ? [] : [row(stats, { view, watch, waitedMs: waits.get(tube) ?? null })];
  });
  const more = names.length - shown.length;
  return {
    title: "Queues",
    parts: {
      states: stateTiles(store.stats(), {
        rates: watch.all,
        waitedMs: known.length === 0 ? null : Math.max(...known),
      }),
      rates: rateChart(watch.all),
      search: searchForm(view, wanted),
      queues: table(rows, {
        caption: "Queues",
        columns: ["Queue", ...STATES.map((state) => `${state}#`), "Done#", "Oldest#", "Workers#"],
        empty: wanted === "" ? "No queue holds a job" : "No queue has a name like that",
      }),
      more: more > 0
        ? html`<p class="soft">and ${formatCount(more)} more: search by name</p>`
        : html``,
    },
  };
}

/** Draws what came in and what was done. */
export function rateChart(rates: Rates | undefined): ReturnType<typeof chart> {
  return chart("Jobs a second", [
    { label: "pushed", values: rates?.rates("pushed") ?? [], tone: "new" },
    { label: "completed", values: rates?.rates("completed") ?? [], tone: "good" },
    { label: "given back", values: rates?.rates("releases") ?? [], tone: "calm" },
    { label: "buried", values: rates?.rates("buries") ?? [], tone: "bad" },
  ]);
}

/** How long the job has waited that is next; `null` when none is ready. */
export async function waitedMs(store: JobStore, tube: string, view: View): Promise<number | null> {
  if ((store.tubeStats(tube)?.ready ?? 0) === 0) return null;
  const job = await store.peekNext(tube, "ready");
  return job === null ? null : Math.max(0, view.now - job.createdAt - job.delayMs);
}

function row(
  stats: TubeStats,
  options: { view: View; watch: RateWatch; waitedMs: number | null },
): Row {
  const { view, watch, waitedMs } = options;
  const { tube } = stats;
  const link = (state: JobState): HtmlValue =>
    stats[state] === 0
      ? html`<span class="soft">0</span>`
      : html`<a href="${view.href(["queues", tube], { state })}">${formatCount(stats[state])}</a>`;
  const name = html`<a href="${view.href(["queues", tube])}">${tube}</a>`;
  return {
    key: tube,
    cells: [
      html`${name} ${stats.pauseLeftMs > 0 && badge("paused", "calm")}`,
      ...STATES.map(link),
      formatRate(watch.of(tube)?.rate("completed") ?? 0),
      waitedMs === null ? "–" : formatDuration(waitedMs),
      formatCount(stats.waiting),
    ],
  };
}

function searchForm(view: View, wanted: string): ReturnType<typeof html> {
  return html`
    <search class="bar">
      <form class="grow" action="${view.href([])}">
    <input type="search" name="q" value="${wanted}" placeholder="Queue by name" aria-label="Queue by name">
    <button>Search</button></form>
      <form action="${view.href(["find"])}">
    <input type="number" name="id" min="1" required placeholder="Job" aria-label="Number of a job">
    <button>Open job</button></form>
    </search>
  `;
}
