import type { EventLoop } from "../../loop/mod.ts";
import type {
  BuryOptions,
  CompleteOptions,
  JobSource,
  ReleaseOptions,
  ReserveOptions,
} from "../job_store.ts";
import { type JobOutcome, MAX_PRIORITY, type ReservedJob } from "../stored_job.ts";
import type { ConditionWaiters } from "./condition_waiters.ts";
import { JobPicker } from "./job_picker.ts";
import type { JobRecord } from "./job_record.ts";
import { LeaseTable } from "./lease_table.ts";
import type { Shelf } from "./shelf.ts";
import { checkRange } from "./new_record.ts";
import type { OutcomeBoard } from "./outcome_board.ts";
import { Quarantine } from "./quarantine.ts";
import type { Reservation } from "./reservation.ts";
import { ReserveWaiters } from "./reserve_waiters.ts";
import type { StoreClock } from "./store_clock.ts";
import type { TubeTable } from "./tube_table.ts";

const MAX_REASON_LENGTH = 1024;

/** What a store shares with its {@linkcode ReserveDesk}. */
export interface DeskOptions {
  loop: EventLoop;
  clock: StoreClock;
  tubes: TubeTable<unknown>;
  board: OutcomeBoard;
  conditions: ConditionWaiters;
  /** Told of what fails in the background, and is tried again. */
  onError: (error: unknown) => void;
}

/** The part of a store that gives jobs out and takes them back. */
export class ReserveDesk implements JobSource {
  readonly #loop: EventLoop;
  readonly #clock: StoreClock;
  readonly #shelf: Shelf;
  readonly #tubes: TubeTable<unknown>;
  readonly #board: OutcomeBoard;
  readonly #conditions: ConditionWaiters;
  readonly #picker: JobPicker;
  readonly leases: LeaseTable;
  readonly waiters: ReserveWaiters;
  readonly quarantine: Quarantine;
  #closed: unknown = null;

  /**
   * @param shelf Where the jobs are.
   * @param options The loop, and what the store shares with the desk.
   */
  constructor(shelf: Shelf, options: DeskOptions) {
    this.#shelf = shelf;
    this.#loop = options.loop;
    this.#clock = options.clock;
    this.#tubes = options.tubes;
    this.#board = options.board;
    this.#conditions = options.conditions;
    this.leases = new LeaseTable(this.#loop, {
      onDeadline: (reservation) => this.#runOut(reservation),
      onError: options.onError,
    });
    this.quarantine = new Quarantine(this.#loop, (record) => {
      this.#shelf.putBack(record);
      this.waiters.serve(record.tube);
    });
    this.#picker = new JobPicker({
      ...options,
      shelf,
      leases: this.leases,
      quarantine: this.quarantine,
      onExpired: (record) => this.#expire(record),
    });
    this.waiters = new ReserveWaiters(this.#loop, (tubes, max) => this.#picker.take(tubes, max));
  }

  async reserve(options: ReserveOptions): Promise<ReservedJob[]> {
    const { tubes, max = 1, timeoutMs = Infinity, signal, durable = true } = options;
    if (this.#closed !== null) throw this.#closed;
    signal?.throwIfAborted();
    if (!(max >= 1)) throw new RangeError(`Cannot reserve ${max} jobs: it must be at least 1`);
    let taken = this.#picker.take(tubes, max);
    if (taken.length === 0 && timeoutMs <= 0) {
      for (
        let read = this.#shelf.loading(tubes);
        read !== null;
        read = this.#shelf.loading(tubes)
      ) {
        await read;
        taken = this.#picker.take(tubes, max);
        if (taken.length > 0) break;
      }
    } else if (taken.length === 0) {
      taken = await this.waiters.wait(options);
    }
    return taken.length === 0 ? taken : this.#begin(taken, durable);
  }

  /** Reserves a job that was taken from wherever it was, whatever its concurrency key. */
  async reserveRecord(record: JobRecord, durable: boolean): Promise<Reservation> {
    const [reservation] = await this.#begin([this.#picker.grant(record)], durable);
    return reservation;
  }

  async complete(job: ReservedJob, options: CompleteOptions = {}): Promise<boolean> {
    const reservation = this.#claim(job);
    if (reservation === undefined) return false;
    const outcome: JobOutcome = { state: "completed", result: options.result };
    const ended = this.#shelf.end(reservation.record, outcome, () => {
      this.#tubes.count(job.tube, "completed");
      this.#over(reservation);
      this.#board.settle(job.id, outcome);
    });
    await this.#during(reservation, ended);
    return true;
  }

  async release(job: ReservedJob, options: ReleaseOptions = {}): Promise<boolean> {
    const { delayMs = 0, priority = job.priority, reason, counted = true } = options;
    checkRange("priority", priority, MAX_PRIORITY);
    checkRange("delayMs", delayMs, Number.MAX_SAFE_INTEGER);
    const reservation = this.#claim(job);
    if (reservation === undefined) return false;
    const next = reservation.record.copy();
    next.priority = priority;
    next.delayMs = delayMs;
    next.reason = reason?.slice(0, MAX_REASON_LENGTH) ?? next.reason;
    next.crashes = 0;
    next.note("released", this.#loop.wallNow(), reason);
    if (!counted && next.attempts > 0) next.attempts--;
    next.releases++;
    await this.#during(reservation, this.#giveBack(reservation, next, "releases"));
    return true;
  }

  async bury(job: ReservedJob, options: BuryOptions = {}): Promise<boolean> {
    const { priority = job.priority, reason } = options;
    checkRange("priority", priority, MAX_PRIORITY);
    const reservation = this.#claim(job);
    if (reservation === undefined) return false;
    const next = reservation.record.copy();
    next.priority = priority;
    next.reason = reason?.slice(0, MAX_REASON_LENGTH) ?? next.reason;
    next.note("buried", this.#loop.wallNow(), reason);
    await this.#during(reservation, this.#bury(reservation, next));
    return true;
  }

  touch(job: ReservedJob): Promise<boolean> {
    const reservation = this.leases.find(job);
    if (reservation === undefined) return Promise.resolve(false);
    reservation.deadline = this.#loop.now() + reservation.record.ttrMs;
    this.leases.arm(reservation);
    return Promise.resolve(true);
  }

  progress(job: ReservedJob, value: Uint8Array): Promise<boolean> {
    const known = this.leases.find(job) !== undefined;
    if (known) this.#board.progress(job.id, value);
    return Promise.resolve(known);
  }

  /** Counts a job out that has ended unreserved, and tells of it. */
  dropped(record: JobRecord, outcome: JobOutcome): void {
    this.#tubes.leave(record, record.state);
    if (record.crashes > 0) this.quarantine.next();
    const next = this.#tubes.find(record.tube)?.gate.next(record);
    if (next !== undefined) this.#shelf.putBack(next);
    this.#tubes.prune(record.tube, this.#loop);
    this.#conditions.check();
    this.#board.settle(record.id, outcome);
  }

  /** Takes a job out of where it is parked; `false` when it isn't. */
  unpark(record: JobRecord): boolean {
    return this.quarantine.unpark(record) ||
      this.#tubes.find(record.tube)?.gate.unpark(record) === true;
  }

  /** Ends all waiting with `reason` and lets no more be reserved. Reservations are forgotten. */
  close(reason: unknown): void {
    this.#closed = reason;
    this.quarantine.close();
    this.waiters.rejectAll(reason);
    this.leases.clear();
  }

  #expire(record: JobRecord): void {
    this.#tubes.count(record.tube, "expired");
    this.#shelf.discard(record);
    this.dropped(record, { state: "expired" });
  }

  async #begin(taken: Reservation[], durable: boolean): Promise<Reservation[]> {
    const records = taken.map((each) => each.record);
    try {
      const read = this.#shelf.read(records);
      if (read !== null) await read;
      const started = this.#shelf.start(records, durable);
      if (started !== null) await started;
    } catch (error) {
      for (const each of taken) this.#undo(each);
      throw error;
    }
    return taken;
  }

  /** Takes back what was not given out, as though it had not been reserved. */
  #undo(reservation: Reservation): void {
    // One that has run out meanwhile is on its way back already.
    if (this.leases.get(reservation.id) !== reservation || reservation.ending) return;
    const { record } = reservation;
    record.attempts--;
    this.#leaveTable(reservation);
    record.state = reservation.cameFrom;
    this.#tubes.enter(record, record.state);
    this.#shelf.putBack(record);
    this.#leaveGate(record);
  }

  #claim(job: ReservedJob): Reservation | undefined {
    if (this.#closed !== null) throw this.#closed;
    const reservation = this.leases.find(job);
    if (reservation !== undefined) reservation.ending = true;
    return reservation;
  }

  /** Waits for a change to be durable; the reservation goes on when it fails. */
  async #during(reservation: Reservation, change: Promise<void>): Promise<void> {
    try {
      await change;
    } catch (error) {
      reservation.ending = false;
      if (this.#closed === null) this.leases.arm(reservation);
      throw error;
    }
  }

  #over(reservation: Reservation): void {
    this.#leaveTable(reservation);
    this.#leaveGate(reservation.record);
  }

  #leaveTable(reservation: Reservation): void {
    if (!this.leases.remove(reservation)) return;
    this.#tubes.leave(reservation.record, "reserved");
  }

  #leaveGate(record: JobRecord): void {
    this.quarantine.leave(record);
    if (record.concurrencyKey !== undefined) {
      const next = this.#tubes.find(record.tube)?.gate.leave(record);
      if (next !== undefined) this.#shelf.putBack(next);
      this.waiters.serve(record.tube);
    }
    this.#tubes.prune(record.tube, this.#loop);
    this.#conditions.check();
  }

  #runOut(reservation: Reservation): Promise<void> {
    const next = reservation.record.copy();
    next.crashes = 0;
    next.timeouts++;
    next.note("timedOut", this.#loop.wallNow());
    next.delayMs = 0;
    return this.#giveBack(reservation, next, "timeouts");
  }

  #giveBack(
    reservation: Reservation,
    next: JobRecord,
    why: "releases" | "timeouts",
  ): Promise<void> {
    if (next.exhausted) {
      const fate = `Given up after ${next.attempts} attempts`;
      next.reason ??= fate;
      next.note("buried", this.#loop.wallNow(), fate);
      return this.#bury(reservation, next, why);
    }
    next.expiresAt = 0;
    next.readyAt = next.delayMs > 0 ? this.#clock.now() + next.delayMs : 0;
    next.state = next.delayMs > 0 ? "delayed" : "ready";
    return this.#move(reservation, next, [why]);
  }

  async #bury(
    reservation: Reservation,
    next: JobRecord,
    why?: "releases" | "timeouts",
  ): Promise<void> {
    next.buries++;
    next.state = "buried";
    next.readyAt = 0;
    next.expiresAt = 0;
    next.key = undefined;
    await this.#move(reservation, next, why === undefined ? ["buries"] : [why, "buries"]);
  }

  #move(
    reservation: Reservation,
    next: JobRecord,
    counts: readonly ("releases" | "timeouts" | "buries")[],
  ): Promise<void> {
    return this.#shelf.move(reservation.record, next, () => {
      // Counted in before it is counted out, so that the tube isn't pruned meanwhile.
      this.#tubes.enter(next, next.state);
      for (const count of counts) this.#tubes.count(next.tube, count);
      this.#over(reservation);
      if (next.state === "buried") {
        this.#board.settle(next.id, { state: "buried", reason: next.reason });
      }
    });
  }
}
