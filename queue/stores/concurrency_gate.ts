import { Heap } from "./heap.ts";
import { isMoreUrgent, type JobRecord } from "./job_record.ts";

/** The jobs of one key: the id of the one that has passed, or 0, and those parked behind it. */
interface Lane {
  holder: number;
  readonly parked: Heap<JobRecord>;
}

/**
 * Lets one job a concurrency key through at a time. Others that come to the
 * gate are parked, up to a limit; then the gate is full, and nothing should be brought to it.
 */
export class ConcurrencyGate {
  readonly #maxParked: number;
  readonly #lanes = new Map<string, Lane>();
  #parked = 0;

  /**
   * @param maxParked Most jobs to park.
   */
  constructor(maxParked: number) {
    this.#maxParked = maxParked;
  }

  /** Whether no further job can be parked. */
  get full(): boolean {
    return this.#parked >= this.#maxParked;
  }

  /** Lets a job through, or parks it. */
  enter(record: JobRecord): boolean {
    const key = record.concurrencyKey;
    if (key === undefined) return true;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { holder: 0, parked: new Heap<JobRecord>(isMoreUrgent) };
      this.#lanes.set(key, lane);
    }
    if (lane.holder === 0) {
      lane.holder = record.id;
      return true;
    }
    lane.parked.add(record);
    this.#parked++;
    return false;
  }

  /**
   * Ends the passage of a job.
   *
   * @returns The job that was parked behind it, to be brought to the gate again.
   */
  leave(record: JobRecord): JobRecord | undefined {
    if (record.concurrencyKey === undefined) return undefined;
    const lane = this.#lanes.get(record.concurrencyKey);
    if (lane?.holder === record.id) lane.holder = 0;
    return this.next(record);
  }

  /**
   * Takes the next one of the jobs that are parked on the key of `record`, if none has passed;
   * to be asked when one that was to be brought to the gate is gone.
   */
  next(record: JobRecord): JobRecord | undefined {
    if (record.concurrencyKey === undefined) return undefined;
    const lane = this.#lanes.get(record.concurrencyKey);
    if (lane === undefined || lane.holder !== 0) return undefined;
    const next = lane.parked.take();
    if (next === undefined) this.#lanes.delete(record.concurrencyKey);
    else this.#parked--;
    return next;
  }

  /** Takes out a job that is parked; `false` when it isn't. */
  unpark(record: JobRecord): boolean {
    const lane = this.#lanes.get(record.concurrencyKey ?? "");
    if (lane === undefined || ![...lane.parked.values()].includes(record)) return false;
    lane.parked.remove(record);
    this.#parked--;
    return true;
  }

  /** The jobs that are parked. */
  *parked(): IterableIterator<JobRecord> {
    for (const lane of this.#lanes.values()) yield* lane.parked.values();
  }
}
