import { formatDuration, type Html, html, type Tile, type View } from "../../dashboard/mod.ts";
import type { JobEvent } from "../job_event.ts";
import type { StoredJob } from "../stored_job.ts";
import { TONES } from "./state_tiles.ts";

type Tone = NonNullable<Tile["tone"]>;

const WORDS: Readonly<Record<JobEvent["kind"], readonly [text: string, tone: Tone]>> = {
  released: ["given back", "calm"],
  timedOut: ["timed out", "bad"],
  crashed: ["lost in a crash", "bad"],
  buried: ["buried", "bad"],
  kicked: ["kicked", "new"],
};

/** What has become of a job, the latest last. */
export function jobHistory(view: View, job: StoredJob): Html {
  const { state, reason, createdAt, history } = job;
  const happened = job.timeouts + job.releases + job.kicks + job.buries;
  // Of buried jobs the counter and the event that led there may be one or two.
  const isCut = history.length === 8 && happened > history.length;
  return html`<ol class="history">
${item(view, { tone: "new", text: "pushed", at: createdAt })}
${isCut && item(view, { tone: "", text: "… earlier events are no longer kept" })}
${
    history.map(({ kind, at, attempts, reason }) => {
      const [text, tone] = WORDS[kind];
      return item(view, {
        tone,
        text: attempts > 0 && kind !== "kicked" ? `${text}, attempt ${attempts}` : text,
        at,
        detail: reason,
      });
    })
  }
${
    item(view, {
      tone: TONES[state],
      text: `${state} now`,
      detail: state === "buried" ? reason : undefined,
    })
  }
</ol>`;
}

function item(
  view: View,
  { tone, text, at, detail }: { tone: Tone; text: string; at?: number; detail?: string },
): Html {
  return html`
    <li class="${tone}"><b>${text}</b> ${at !== undefined &&
      html`<time datetime="${new Date(at).toISOString()}">${formatDuration(view.now - at)} ago, ${
        new Date(at).toISOString().slice(0, 19).replace("T", " ")
      } UTC</time>`}${detail !== undefined && html`<pre>${detail}</pre>`}</li>
  `;
}
