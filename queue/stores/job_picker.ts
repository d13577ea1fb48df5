import type { EventLoop } from "../../loop/mod.ts";
import { isMoreUrgent, type JobRecord } from "./job_record.ts";
import type { LeaseTable } from "./lease_table.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Reservation } from "./reservation.ts";
import type { Shelf } from "./shelf.ts";
import type { StoreClock } from "./store_clock.ts";
import type { TubeTable } from "./tube_table.ts";

/** What a picker works on. */
export interface PickerParts {
  loop: EventLoop;
  clock: StoreClock;
  shelf: Shelf;
  tubes: TubeTable<unknown>;
  leases: LeaseTable;
  quarantine: Quarantine;
  /** Told of a job that has waited too long; it is popped. */
  onExpired: (record: JobRecord) => void;
}

/** Picks the jobs to be given out, and makes their reservations. */
export class JobPicker {
  readonly #parts: PickerParts;

  /**
   * @param parts See {@linkcode PickerParts}.
   */
  constructor(parts: PickerParts) {
    this.#parts = parts;
  }

  /** Takes up to `max` ready jobs of some tubes, the most urgent ones first. */
  take(names: readonly string[], max: number): Reservation[] {
    const taken: Reservation[] = [];
    while (taken.length < max) {
      const name = names.length === 1 ? this.#eligible(names[0]) : this.#mostUrgent(names);
      const record = name === undefined ? undefined : this.#parts.shelf.popReady(name);
      if (record === undefined) break;
      if (record.expiresAt > 0 && record.expiresAt <= this.#parts.clock.now()) {
        this.#parts.onExpired(record);
      } else if (this.#mayPass(record)) taken.push(this.grant(record));
    }
    return taken;
  }

  #mayPass(record: JobRecord): boolean {
    if (!this.#parts.quarantine.enter(record)) return false;
    if (this.#parts.tubes.open(record.tube).gate.enter(record)) return true;
    this.#parts.quarantine.leave(record);
    return false;
  }

  #eligible(name: string): string | undefined {
    const tube = this.#parts.tubes.find(name);
    if (tube === undefined || tube.isPaused(this.#parts.loop) || tube.gate.full) return undefined;
    return name;
  }

  #mostUrgent(names: readonly string[]): string | undefined {
    let best: { readonly priority: number; readonly id: number } | undefined;
    let found: string | undefined;
    for (const name of names) {
      const next = this.#eligible(name) && this.#parts.shelf.peekReady(name);
      if (!next || (best !== undefined && !isMoreUrgent(next, best))) continue;
      best = next;
      found = name;
    }
    return found;
  }

  /** Makes the reservation of a job that was taken from wherever it was. */
  grant(record: JobRecord): Reservation {
    const reservation = this.#parts.leases.add(record);
    this.#parts.tubes.leave(record, record.state);
    record.state = "reserved";
    record.attempts++;
    this.#parts.tubes.enter(record, "reserved");
    this.#parts.tubes.count(record.tube, "reserves");
    return reservation;
  }
}
