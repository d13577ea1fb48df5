import type { EventLoop } from "../../loop/mod.ts";
import { NO_EVENTS } from "../job_event.ts";
import { DEFAULT_PRIORITY, DEFAULT_TUBE, type ReservedJob } from "../stored_job.ts";

const decoder = new TextDecoder();

/** What a server has said of a job that it has given. */
export interface GivenJob {
  /** The number of the job. */
  readonly id: number;
  /** Its body. */
  readonly body: Uint8Array;
  /** What `stats-job` says, a line each; `null` when the job is gone already. */
  readonly stats: Uint8Array | null;
  /** Tells this reservation from others. */
  readonly lease: number;
  /** The loop whose clock counts. */
  readonly loop: EventLoop;
}

/** A job as its server tells of it; what it doesn't tell has its default. */
export function jobOf({ id, body, stats, lease, loop }: GivenJob): ReservedJob {
  const told = new Map<string, string>();
  for (const line of decoder.decode(stats ?? new Uint8Array()).split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) told.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const number = (name: string, other = 0): number => Number(told.get(name) ?? other);
  const timeLeftMs = number("time-left", 1) * 1000;
  return {
    id,
    body,
    lease,
    tube: told.get("tube")?.replace(/^"(.*)"$/, "$1") ?? DEFAULT_TUBE,
    state: "reserved",
    priority: number("pri", DEFAULT_PRIORITY),
    createdAt: loop.wallNow() - number("age") * 1000,
    delayMs: number("delay") * 1000,
    ttrMs: number("ttr", 60) * 1000,
    timeLeftMs,
    deadline: loop.now() + timeLeftMs,
    attempts: number("reserves", 1),
    maxAttempts: 0,
    timeouts: number("timeouts"),
    releases: number("releases"),
    buries: number("buries"),
    kicks: number("kicks"),
    key: undefined,
    concurrencyKey: undefined,
    reason: undefined,
    history: NO_EVENTS,
  };
}
