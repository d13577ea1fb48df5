import {
  badge,
  clip,
  formatCount,
  formatDuration,
  type Html,
  html,
  type Page,
  type Row,
  table,
  type View,
} from "../../dashboard/mod.ts";
import type { JobStore } from "../job_store.ts";
import type { TubeStats } from "../store_stats.ts";
import type { JobState, StoredJob } from "../stored_job.ts";
import { jobSummary } from "./job_text.ts";
import { rateChart, waitedMs } from "./overview_page.ts";
import type { RateWatch } from "./rate_watch.ts";
import { searchJobs } from "./search_jobs.ts";
import { STATES, stateTiles, TONES } from "./state_tiles.ts";

const JOBS_A_PAGE = 50;
const MAX_LOOKED = 5000;
const DATA_LENGTH = 120;
const REASON_LENGTH = 160;

/** One queue, and its jobs in a state. */
export async function queuePage(
  view: View,
  { store, watch, tube }: { store: JobStore; watch: RateWatch; tube: string },
): Promise<Page | null> {
  const stats = store.tubeStats(tube);
  if (stats === null) return null;
  const rates = watch.of(tube);
  const state = stateOf(view, stats);
  const text = view.query.get("q") ?? "";
  const after = Math.max(0, Number(view.query.get("after")) || 0);
  const search = { state, text, after, limit: JOBS_A_PAGE, maxLooked: MAX_LOOKED };
  const found = await searchJobs(store, tube, search);
  return {
    title: tube,
    parts: {
      states: stateTiles(stats, { rates, waitedMs: await waitedMs(store, tube, view) }),
      pause: pauseNotice(stats),
      actions: actions(view, stats),
      rates: rateChart(rates),
      tabs: tabs(view, { stats, state, text }),
      jobs: table(found.jobs.map((job) => row(view, job)), {
        caption: `Jobs that are ${state}`,
        columns: ["Job", "Data", "Age#", "Attempts#", when(state), "Reason"],
        empty: text === "" ? `No job is ${state}` : `No ${state} job holds “${text}”`,
      }),
      pages: pages(view, { tube, state, text, after, next: found.next }),
    },
  };
}

/** The state asked for, or else the first that has jobs, the dead letters before all. */
function stateOf(view: View, stats: TubeStats): JobState {
  const asked = view.query.get("state");
  const order: readonly JobState[] = ["buried", "ready", "reserved", "delayed"];
  return STATES.find((state) => state === asked) ??
    order.find((state) => stats[state] > 0) ?? "ready";
}

function pauseNotice({ pauseLeftMs }: TubeStats): Html {
  if (pauseLeftMs <= 0) return html``;
  const left = Number.isFinite(pauseLeftMs)
    ? `for another ${formatDuration(pauseLeftMs)}`
    : "until it is resumed";
  return html`<p class="card notice">${badge("paused", "calm")} No job is given out ${left}.</p>`;
}

function actions(view: View, { tube, buried, delayed, pauseLeftMs }: TubeStats): Html {
  const path = ["queues", tube];
  const kickable = buried > 0 ? buried : delayed;
  const count = html`<input type="number" name="count" min="1" max="100000" value="${
    Math.min(kickable, 100_000)
  }" aria-label="How many">`;
  return html`<div class="bar">${
    pauseLeftMs > 0
      ? view.form([...path, "resume"], { label: "Resume" })
      : view.form([...path, "pause"], { label: "Pause" })
  }${
    kickable > 0 &&
    view.form([...path, "kick"], {
      label: buried > 0 ? "Retry buried" : "Kick delayed",
      fields: count,
    })
  }</div>`;
}

function tabs(
  view: View,
  { stats, state, text }: { stats: TubeStats; state: JobState; text: string },
): Html {
  const path = ["queues", stats.tube];
  const links = STATES.map((each) =>
    html`
      <a href="${view.href(path, {
        state: each,
        ...(text !== "" && { q: text }),
      })}" ${each === state && html`
        aria-current="page"
      `}>${each} ${badge(formatCount(stats[each]), TONES[each])}</a>
    `
  );
  return html`
    <div class="bar">
      <nav class="tabs" aria-label="States">${links}</nav>
      <search>
        <form class="grow" action="${view.href(path)}">
    <input type="hidden" name="state" value="${state}">
    <input type="search" name="q" value="${text}" placeholder="Text in data, key or reason" aria-label="Text in data, key or reason">
    <button>Search</button></form>
      </search>
    </div>
  `;
}

function when(state: JobState): string {
  if (state === "delayed") return "Due in#";
  return state === "reserved" ? "Time left#" : "Priority#";
}

function row(view: View, job: StoredJob): Row {
  const { id, state, attempts, maxAttempts, reason } = job;
  const { name, data } = jobSummary(job);
  const isTimed = state === "delayed" || state === "reserved";
  return {
    key: String(id),
    cells: [
      html`<a href="${view.href(["jobs", String(id)])}">${id}</a> ${name}`,
      html`<code>${clip(data, DATA_LENGTH)}</code>`,
      formatDuration(view.now - job.createdAt),
      maxAttempts > 0 ? `${attempts} of ${maxAttempts}` : formatCount(attempts),
      isTimed ? formatDuration(job.timeLeftMs) : formatCount(job.priority),
      clip(reason ?? "", REASON_LENGTH),
    ],
  };
}

function pages(
  view: View,
  at: { tube: string; state: JobState; text: string; after: number; next: number | null },
): Html {
  const { tube, state, text, after, next } = at;
  const link = (label: string, from: number): Html => {
    const query = { state, ...(text !== "" && { q: text }), ...(from > 0 && { after: from }) };
    return html`<a class="button" href="${view.href(["queues", tube], query)}">${label}</a>`;
  };
  return html`<div class="bar">${after > 0 && link("First page", 0)}${
    next !== null && link(text === "" ? "Next page" : "Search on", next)
  }</div>`;
}
