import { type JobEvent, NO_EVENTS, withEvent } from "../job_event.ts";
import type { JobState, StoredJob } from "../stored_job.ts";
import type { HeapItem } from "./heap.ts";

/** A job in a store's memory. A change of state that must be durable makes a new record. */
export class JobRecord implements HeapItem {
  readonly id: number;
  readonly tube: string;
  body: Uint8Array;
  /** Place in the heap that holds the record. */
  place = -1;
  /** Where it stands. */
  state: JobState = "ready";
  priority = 0;
  /** When it was pushed, in milliseconds since the Unix epoch. */
  createdAt = 0;
  delayMs = 0;
  /** When a delayed job becomes ready, in milliseconds on the store's clock. */
  readyAt = 0;
  ttrMs = 0;
  /** When a job that nobody has reserved is dropped, on the store's clock too; 0 for never. */
  expiresAt = 0;
  attempts = 0;
  /** How many of the last attempts have ended with a crash of the process. */
  crashes = 0;
  maxAttempts = 0;
  timeouts = 0;
  releases = 0;
  buries = 0;
  kicks = 0;
  keepResultMs = 0;
  key: string | undefined = undefined;
  concurrencyKey: string | undefined = undefined;
  reason: string | undefined = undefined;
  history: readonly JobEvent[] = NO_EVENTS;

  /**
   * @param id The number of the job.
   * @param tube The name of its tube.
   * @param body What was pushed.
   */
  constructor(id: number, tube: string, body: Uint8Array) {
    this.id = id;
    this.tube = tube;
    this.body = body;
  }

  /** Another record of the same job, to be changed and then to take this one's place. */
  copy(): JobRecord {
    return this.copyTo(new JobRecord(this.id, this.tube, this.body));
  }

  /** Gives another record of the same job all that this one says. */
  protected copyTo<T extends JobRecord>(copy: T): T {
    copy.state = this.state;
    copy.priority = this.priority;
    copy.createdAt = this.createdAt;
    copy.delayMs = this.delayMs;
    copy.readyAt = this.readyAt;
    copy.ttrMs = this.ttrMs;
    copy.expiresAt = this.expiresAt;
    copy.attempts = this.attempts;
    copy.crashes = this.crashes;
    copy.maxAttempts = this.maxAttempts;
    copy.timeouts = this.timeouts;
    copy.releases = this.releases;
    copy.buries = this.buries;
    copy.kicks = this.kicks;
    copy.keepResultMs = this.keepResultMs;
    copy.key = this.key;
    copy.concurrencyKey = this.concurrencyKey;
    copy.reason = this.reason;
    copy.history = this.history;
    return copy;
  }

  /** Adds to the history. */
  note(kind: JobEvent["kind"], at: number, reason?: string): void {
    this.history = withEvent(this.history, { kind, at, attempts: this.attempts, reason });
  }

  /** Whether another reservation would be one too many. */
  get exhausted(): boolean {
    return this.maxAttempts > 0 && this.attempts >= this.maxAttempts;
  }

  /** What a store says about the job, whose clock shows `storeMs`. */
  view(storeMs: number): StoredJob {
    const timeLeftMs = this.state === "delayed" ? Math.max(0, this.readyAt - storeMs) : 0;
    const { id, tube, state, body, priority, createdAt, delayMs, ttrMs, attempts } = this;
    const { maxAttempts, timeouts, releases, buries, kicks, key, concurrencyKey, reason } = this;
    const { history } = this;
    // deno-fmt-ignore
    return {
      id, tube, state, body, priority, createdAt, delayMs, ttrMs, timeLeftMs, attempts,
      maxAttempts, timeouts, releases, buries, kicks, key, concurrencyKey, reason, history,
    };
  }
}

/** The order in which ready jobs are given out. */
export function isMoreUrgent(
  a: { readonly priority: number; readonly id: number },
  b: { readonly priority: number; readonly id: number },
): boolean {
  return a.priority < b.priority || (a.priority === b.priority && a.id < b.id);
}
