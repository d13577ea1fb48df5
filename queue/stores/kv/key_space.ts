import type { KvKey } from "./kv_database.ts";

/** The keys that a store uses, under a prefix of its own. */
export class KeySpace {
  readonly #prefix: KvKey;
  /** Who owns the jobs. */
  readonly owner: KvKey;
  /** Numbers below which all may be taken. */
  readonly ceiling: KvKey;
  /** What the store's clock showed last. */
  readonly clock: KvKey;
  /** What is known of the segments. */
  readonly ledgers: KvKey;
  /** Large bodies that are being written or deleted. */
  readonly loose: KvKey;
  /** Jobs that others than the owner have pushed. */
  readonly inbox: KvKey;
  /** Tubes that give nothing out. */
  readonly pauses: KvKey;

  /**
   * @param prefix What all keys begin with.
   */
  constructor(prefix: KvKey) {
    this.#prefix = prefix;
    this.owner = [...prefix, "owner"];
    this.ceiling = [...prefix, "ceiling"];
    this.clock = [...prefix, "clock"];
    this.ledgers = [...prefix, "ledger"];
    this.loose = [...prefix, "loose"];
    this.inbox = [...prefix, "inbox"];
    this.pauses = [...prefix, "pause"];
  }

  /** The jobs of a segment. */
  segment(seq: number): KvKey {
    return [...this.#prefix, "segment", seq];
  }

  /** What is known of a segment. */
  ledger(seq: number): KvKey {
    return [...this.ledgers, seq];
  }

  /** A part of a large body. */
  chunk(id: number, part: number): KvKey {
    return [...this.#prefix, "chunk", id, part];
  }

  /** That a large body is being written or deleted. */
  looseBody(id: number): KvKey {
    return [...this.loose, id];
  }

  /** The job that has a key in a tube. */
  unique(tube: string, key: string): KvKey {
    return [...this.#prefix, "unique", tube, key];
  }

  /** A part of a parcel of jobs. */
  parcel(id: string, part: number): KvKey {
    return [...this.inbox, id, part];
  }

  /** Until when a tube gives nothing out. */
  pause(tube: string): KvKey {
    return [...this.pauses, tube];
  }

  /** The last tick of a schedule that was taken. */
  tick(schedule: string): KvKey {
    return [...this.#prefix, "tick", schedule];
  }

  /** How a job ended. */
  outcome(id: number): KvKey {
    return [...this.#prefix, "outcome", id];
  }
}
