import type { Batch } from "./batch.ts";
import type { KeySpace } from "./key_space.ts";

/** How many numbers are reserved at a time. After a crash those left are never used. */
const BLOCK = 100_000;
/** When fewer are left, the next block is reserved. */
const MARGIN = 50_000;

/** Numbers that are given once only, even when the store is opened again. */
export interface SequenceState {
  readonly ids: number;
  readonly seqs: number;
}

/** Gives numbers to jobs and to segments. Below what is stored, all may be taken already. */
export class Sequence {
  readonly #keys: KeySpace;
  #ids: number;
  #seqs: number;
  #stored: SequenceState;

  /**
   * @param keys The keys of the store.
   * @param state What is stored.
   */
  constructor(keys: KeySpace, state: SequenceState | null) {
    this.#keys = keys;
    this.#ids = state?.ids ?? 0;
    this.#seqs = state?.seqs ?? 0;
    this.#stored = { ids: this.#ids, seqs: this.#seqs };
  }

  /** A number for a job. */
  nextId(): number {
    return ++this.#ids;
  }

  /** A number for a segment, or for a large body. */
  nextSeq(): number {
    return ++this.#seqs;
  }

  /** Sees to it that numbers are not used below what is in use already. */
  raise(state: SequenceState): void {
    this.#ids = Math.max(this.#ids, state.ids);
    this.#seqs = Math.max(this.#seqs, state.seqs);
  }

  /** Reserves further numbers together with those of a transaction that come near the end. */
  stage(batch: Batch): void {
    const { ids, seqs } = this.#stored;
    if (this.#ids + MARGIN <= ids && this.#seqs + MARGIN <= seqs) return;
    this.#stored = { ids: this.#ids + BLOCK, seqs: this.#seqs + BLOCK };
    batch.set(this.#keys.ceiling, this.#stored);
  }

  /** The highest numbers that were given. */
  get state(): SequenceState {
    return { ids: this.#ids, seqs: this.#seqs };
  }

  /** Reserves anew, as a transaction has failed. */
  retract(): void {
    this.#stored = { ids: 0, seqs: 0 };
  }
}
