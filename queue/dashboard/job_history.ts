import { formatDuration, type Html, html, type Tile, type View } from "../../dashboard/mod.ts";
import type { StoredJob } from "../stored_job.ts";
import { TONES } from "./state_tiles.ts";

/** What has become of a job, the latest last. */
export function jobHistory(view: View, job: StoredJob): Html {
  const { state, reason, createdAt } = job;
  return html`<ol class="history">
${event(view, { tone: "new", text: "pushed", at: createdAt })}
${event(view, { tone: TONES[state], text: `${state} now`, detail: reason })}
</ol>`;
}

function event(
  view: View,
  { tone, text, at, detail }: {
    tone: NonNullable<Tile["tone"]>;
    text: string;
    at?: number;
    detail?: string;
  },
): Html {
  return html`
    <li class="${tone}"><b>${text}</b> ${at !== undefined &&
      html`<time datetime="${new Date(at).toISOString()}">${formatDuration(view.now - at)} ago, ${
        new Date(at).toISOString().slice(0, 19).replace("T", " ")
      } UTC</time>`}${detail !== undefined && html`<pre>${detail}</pre>`}</li>
  `;
}
