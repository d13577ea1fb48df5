/** What has become of a job at some time, other than being pushed and reserved. */
export interface JobEvent {
  /**
   * What: its worker gave it back, or was silent for too long, or its process
   * crashed; it was buried, or kicked.
   */
  readonly kind: "released" | "timedOut" | "crashed" | "buried" | "kicked";
  /** When, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** How often it had been reserved by then. */
  readonly attempts: number;
  /** Why, if that was told; cut to 160 characters. */
  readonly reason: string | undefined;
}

/** The kinds of events, by the number that stores write. */
export const EVENT_KINDS = ["released", "timedOut", "crashed", "buried", "kicked"] as const;

const MAX_EVENTS = 8;
const MAX_REASON_LENGTH = 160;

/** The history of a job to which nothing has happened; one object for all of them. */
export const NO_EVENTS: readonly JobEvent[] = [];

/** A history with one more event; the oldest goes when there are too many. */
export function withEvent(history: readonly JobEvent[], event: JobEvent): readonly JobEvent[] {
  const reason = event.reason?.slice(0, MAX_REASON_LENGTH);
  return [...history.slice(1 - MAX_EVENTS), { ...event, reason }];
}
