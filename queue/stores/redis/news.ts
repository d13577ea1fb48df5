import type { JobOutcome } from "../../stored_job.ts";

const LINE_FEED = 10;
const RESULT_MARK = 61;
const decoder = new TextDecoder();

/** What one owner of the store tells the others. */
export type News =
  /** Jobs have become ready in some tubes, or counters have changed. */
  | { readonly kind: "ready"; readonly owner: string; readonly tubes: readonly string[] }
  /** A job that somebody observes has ended. */
  | {
    readonly kind: "settled";
    readonly owner: string;
    readonly id: number;
    readonly outcome: JobOutcome;
  }
  /** A job that somebody observes is under way. */
  | {
    readonly kind: "progress";
    readonly owner: string;
    readonly id: number;
    readonly value: Uint8Array;
  };

/** Reads what one owner tells the others, or gives `null` when it is not that. */
export function readNews(message: Uint8Array): News | null {
  const kind = String.fromCharCode(message[0]);
  const [owner, rest] = cut(message.subarray(1));
  if (kind === "N") {
    const tubes = JSON.parse(decoder.decode(rest));
    return { kind: "ready", owner, tubes: Array.isArray(tubes) ? tubes : [] };
  }
  const [member, more] = cut(rest);
  const [state, payload] = cut(more);
  const id = Number(member);
  if (kind === "P") return { kind: "progress", owner, id, value: payload.slice() };
  const outcome = readOutcome(state, payload);
  return kind === "S" && outcome !== null ? { kind: "settled", owner, id, outcome } : null;
}

/** Reads how a job has ended: its state, and behind a line feed what goes with it. */
export function readKeptOutcome(bytes: Uint8Array): JobOutcome | null {
  return readOutcome(...cut(bytes));
}

function readOutcome(state: string, payload: Uint8Array): JobOutcome | null {
  switch (state) {
    case "completed": {
      const result = payload[0] === RESULT_MARK ? payload.slice(1) : undefined;
      return { state, result };
    }
    case "buried":
      return { state, reason: payload.length > 0 ? decoder.decode(payload) : undefined };
    case "deleted":
    case "expired":
      return { state };
    default:
      return null;
  }
}

function cut(bytes: Uint8Array): [string, Uint8Array] {
  const end = bytes.indexOf(LINE_FEED);
  if (end < 0) return [decoder.decode(bytes), new Uint8Array()];
  return [decoder.decode(bytes.subarray(0, end)), bytes.subarray(end + 1)];
}
