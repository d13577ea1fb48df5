import type { EventLoop } from "../../loop/mod.ts";
import type { ReservedJob } from "../stored_job.ts";
import type { JobRecord } from "./job_record.ts";
import { Reservation } from "./reservation.ts";

/** How soon a reservation that could not be ended is tried again. */
const RETRY_MS = 1000;

/** What a lease table does when a deadline has passed. */
export interface LeaseOptions {
  /** Ends the reservation; is called again when it fails. */
  onDeadline: (reservation: Reservation) => Promise<void>;
  /** Told of its failures. */
  onError: (error: unknown) => void;
}

/** The reservations that are in force, and their deadlines. */
export class LeaseTable {
  readonly #loop: EventLoop;
  readonly #options: LeaseOptions;
  readonly #reservations = new Map<number, Reservation>();
  /** Reservations that were over, yet were used again. */
  stale = 0;
  #lastLease = 0;

  /**
   * @param loop Whose clock the deadlines are on.
   * @param options See {@linkcode LeaseOptions}.
   */
  constructor(loop: EventLoop, options: LeaseOptions) {
    this.#loop = loop;
    this.#options = options;
  }

  /** The reservation of a job, if it has one. */
  get(id: number): Reservation | undefined {
    return this.#reservations.get(id);
  }

  /** All reservations. */
  values(): IterableIterator<Reservation> {
    return this.#reservations.values();
  }

  /** Makes a reservation. */
  add(record: JobRecord): Reservation {
    const reservation = new Reservation(record, ++this.#lastLease, this.#loop);
    this.#reservations.set(record.id, reservation);
    this.arm(reservation);
    return reservation;
  }

  /** The reservation that a worker holds, unless it is over or ending. */
  find(job: ReservedJob): Reservation | undefined {
    const reservation = this.#reservations.get(job.id);
    if (reservation?.lease === job.lease && !reservation.ending) return reservation;
    this.stale++;
    return undefined;
  }

  /** Takes a reservation out; `false` when it isn't in. */
  remove(reservation: Reservation): boolean {
    reservation.timer?.cancel();
    if (this.#reservations.get(reservation.id) !== reservation) return false;
    return this.#reservations.delete(reservation.id);
  }

  /** Takes all reservations out. */
  clear(): void {
    for (const { timer } of this.#reservations.values()) timer?.cancel();
    this.#reservations.clear();
  }

  /** Sees to it that the reservation ends at its deadline. */
  arm(reservation: Reservation): void {
    const { timer, deadline } = reservation;
    // A touch only moves the deadline: the timer looks again when it fires.
    if (timer?.active && timer.at <= deadline) return;
    timer?.cancel();
    reservation.timer = this.#loop.callAt(deadline, () => this.#look(reservation));
  }

  #look(reservation: Reservation): Promise<void> | void {
    if (reservation.ending) return;
    if (reservation.deadline > this.#loop.now()) return this.arm(reservation);
    return this.#runOut(reservation);
  }

  async #runOut(reservation: Reservation): Promise<void> {
    reservation.ending = true;
    try {
      await this.#options.onDeadline(reservation);
    } catch (error) {
      if (this.#reservations.get(reservation.id) !== reservation) return;
      reservation.ending = false;
      reservation.timer = this.#loop.callLater(RETRY_MS, () => this.#look(reservation));
      this.#options.onError(error);
    }
  }
}
