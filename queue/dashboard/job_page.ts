import {
  badge,
  facts,
  formatCount,
  formatDuration,
  type Html,
  html,
  type HtmlValue,
  type Page,
  type View,
} from "../../dashboard/mod.ts";
import type { JobStore } from "../job_store.ts";
import type { JobOutcome, StoredJob } from "../stored_job.ts";
import { jobHistory } from "./job_history.ts";
import { jobSummary, jobText } from "./job_text.ts";
import { TONES } from "./state_tiles.ts";

/** One job: what it is, and what has become of it. */
export async function jobPage(view: View, store: JobStore, id: number): Promise<Page | null> {
  const job = await store.peek(id);
  if (job !== null) return { title: titleOf(job), parts: partsOf(view, job) };
  const outcome = await store.outcome(id);
  if (outcome === null) return null;
  return { title: `Job ${id}`, parts: { head: ended(outcome) } };
}

function titleOf(job: StoredJob): string {
  const { name } = jobSummary(job);
  return name === "" ? `Job ${job.id}` : `Job ${job.id}: ${name}`;
}

function partsOf(view: View, job: StoredJob): Record<string, Html> {
  return {
    head: head(view, job),
    facts: facts(describe(job)),
    data: html`
      <div class="card stack">
        <h2>Data</h2>
        <pre tabindex="0">${jobText(job)}</pre>
      </div>
    `,
    history: html`<div class="card stack"><h2>History</h2>${jobHistory(view, job)}</div>`,
  };
}

function head(view: View, job: StoredJob): Html {
  const { state, tube, id } = job;
  const path = ["jobs", String(id)];
  const canKick = state === "buried" || state === "delayed";
  return html`
    <div
      class="bar"><span>${badge(state, TONES[state])} in <a href="${view.href([
        "queues",
        tube,
      ])}">${tube}</a></span>${canKick &&
        view.form([...path, "kick"], {
          label: state === "buried" ? "Retry" : "Kick",
        })}${state !== "reserved" &&
        view.form([...path, "delete"], { label: "Delete…", confirm: `Delete job ${id}` })}</div>
  `;
}

function describe(job: StoredJob): [name: string, value: HtmlValue][] {
  const { attempts, maxAttempts, ttrMs, state, timeLeftMs } = job;
  const rows: [string, HtmlValue][] = [
    ["attempts", maxAttempts > 0 ? `${attempts} of ${maxAttempts}` : formatCount(attempts)],
    ["priority", formatCount(job.priority)],
    ["time to run", formatDuration(ttrMs)],
  ];
  if (state === "delayed") rows.push(["due in", formatDuration(timeLeftMs)]);
  if (state === "reserved") rows.push(["reservation ends in", formatDuration(timeLeftMs)]);
  const counted = { timeouts: job.timeouts, releases: job.releases, kicks: job.kicks };
  for (const [name, count] of Object.entries(counted)) {
    if (count > 0) rows.push([name, formatCount(count)]);
  }
  if (job.key !== undefined) rows.push(["key", job.key]);
  if (job.concurrencyKey !== undefined) rows.push(["concurrency key", job.concurrencyKey]);
  rows.push(["size", `${formatCount(job.body.length)} bytes`]);
  return rows;
}

function ended(outcome: JobOutcome): Html {
  const tone = outcome.state === "completed" ? "good" : "calm";
  const result = outcome.state === "completed" ? outcome.result : undefined;
  return html`<div class="card stack"><p>${badge(outcome.state, tone)}</p>${
    result !== undefined && html`<pre tabindex="0">${new TextDecoder().decode(result)}</pre>`
  }</div>`;
}
