import type { EventLoop, Handle } from "../../loop/mod.ts";
import type { JobEvent } from "../job_event.ts";
import type { JobState, ReservedJob } from "../stored_job.ts";
import type { JobRecord } from "./job_record.ts";

/** A reservation that a store has given out. */
export class Reservation implements ReservedJob {
  readonly #loop: EventLoop;
  /** The job; not to be changed by its worker. */
  readonly record: JobRecord;
  readonly lease: number;
  deadline: number;
  /** Gives the job back at the deadline. */
  timer: Handle | null = null;
  /** Where the job stood before. */
  readonly cameFrom: JobState;
  /** Whether a verb is being made durable, so that nothing else may end the reservation. */
  ending = false;

  /**
   * @param record The job.
   * @param lease Tells this reservation from others.
   * @param loop Whose clock the deadline is on.
   */
  constructor(record: JobRecord, lease: number, loop: EventLoop) {
    this.record = record;
    this.cameFrom = record.state;
    this.lease = lease;
    this.#loop = loop;
    this.deadline = loop.now() + record.ttrMs;
  }

  get id(): number {
    return this.record.id;
  }
  get tube(): string {
    return this.record.tube;
  }
  get state(): JobState {
    return "reserved";
  }
  get body(): Uint8Array {
    return this.record.body;
  }
  get priority(): number {
    return this.record.priority;
  }
  get createdAt(): number {
    return this.record.createdAt;
  }
  get delayMs(): number {
    return this.record.delayMs;
  }
  get ttrMs(): number {
    return this.record.ttrMs;
  }
  get timeLeftMs(): number {
    return Math.max(0, this.deadline - this.#loop.now());
  }
  get attempts(): number {
    return this.record.attempts;
  }
  get maxAttempts(): number {
    return this.record.maxAttempts;
  }
  get timeouts(): number {
    return this.record.timeouts;
  }
  get releases(): number {
    return this.record.releases;
  }
  get buries(): number {
    return this.record.buries;
  }
  get kicks(): number {
    return this.record.kicks;
  }
  get key(): string | undefined {
    return this.record.key;
  }
  get concurrencyKey(): string | undefined {
    return this.record.concurrencyKey;
  }
  get reason(): string | undefined {
    return this.record.reason;
  }
  get history(): readonly JobEvent[] {
    return this.record.history;
  }
}
