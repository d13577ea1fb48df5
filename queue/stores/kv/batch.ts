import type { KeySpace } from "./key_space.ts";
import type { KvAtomic, KvKey } from "./kv_database.ts";
import { bucketOf } from "./bucket.ts";
import { ByteWriter } from "./byte_writer.ts";
import type { KvRecord } from "./kv_record.ts";
import { encodeLedger } from "./ledger_codec.ts";
import { recordSizeBound } from "./record_codec.ts";
import { Segment, type SegmentState } from "./segment.ts";
import { encodeSegment } from "./segment_codec.ts";

// Deno KV takes at most 1,000 mutations and 819,200 bytes at once.
const MAX_MUTATIONS = 900;
const MAX_BYTES = 700_000;
/** Bytes after which a group of jobs may need a further segment. */
const SEGMENT_BYTES = 30_000;

/** A value that is not larger is stored in its ledger, as each further key takes its time. */
const MAX_INLINE_BYTES = 1024;

/** Jobs of one tube and state, which go into segments together. */
interface Group {
  readonly tube: string;
  readonly state: SegmentState;
  readonly rank: number | undefined;
  readonly records: KvRecord[];
  bytes: number;
}

/** A segment that the transaction stores, and its jobs. */
export interface NewSegment {
  readonly segment: Segment;
  readonly records: readonly KvRecord[];
}

/** What goes into one transaction: whatever has come while the one before was written. */
export class Batch {
  readonly #keys: KeySpace;
  readonly storeMs: number;
  readonly #ready = new Map<string, Group>();
  readonly #other = new Map<string, Group>();
  readonly #leaving = new Map<Segment, KvRecord[]>();
  readonly #extras: ((atomic: KvAtomic) => void)[] = [];
  readonly #scratch: ByteWriter;
  #mutations = 0;
  #bytes = 0;
  /** The segments that it stores, once it is built. */
  readonly made: NewSegment[] = [];
  /** The segments whose jobs are all stored anew. */
  readonly dropped: Segment[] = [];

  /**
   * @param keys The keys of the store.
   * @param storeMs The time on the store's clock.
   * @param scratch Where to write.
   */
  constructor(keys: KeySpace, storeMs: number, scratch: ByteWriter = new ByteWriter(131_072)) {
    this.#keys = keys;
    this.storeMs = storeMs;
    this.#scratch = scratch;
  }

  /** Whether nothing more should be put in. */
  get full(): boolean {
    return this.#mutations >= MAX_MUTATIONS || this.#bytes >= MAX_BYTES;
  }

  /** The jobs that leave their segments. */
  *leaving(): IterableIterator<KvRecord> {
    for (const records of this.#leaving.values()) yield* records;
  }

  /**
   * Stores a job in the state that it has.
   *
   * @param record The job.
   * @param rank Where it stands among the buried ones, if not behind them.
   */
  put(record: KvRecord, rank?: number): void {
    const group = this.#groupOf(record, rank);
    const bytes = recordSizeBound(record);
    const before = Math.floor(group.bytes / SEGMENT_BYTES);
    group.records.push(record);
    group.bytes += bytes;
    this.#bytes += bytes;
    this.#mutations += 2 * (Math.floor(group.bytes / SEGMENT_BYTES) - before);
  }

  /** Takes a job out of its segment. */
  leave(record: KvRecord): void {
    this.#touch(record.segment!).push(record);
  }

  /** Notes that a job was given out. */
  start(record: KvRecord): void {
    const { segment } = record;
    if (segment === null || !segment.owns(record.index)) return;
    segment.start(record);
    this.#touch(segment);
  }

  /** Deletes a segment whose jobs are all stored anew. */
  drop(segment: Segment): void {
    this.dropped.push(segment);
    this.#mutations += 2;
  }

  /** Stores what is known of a segment anew. */
  touch(segment: Segment): void {
    this.#touch(segment);
  }

  /** Stores a value. */
  set(key: KvKey, value: unknown, options?: { expireIn?: number }): void {
    this.#extras.push((atomic) => void atomic.set(key, value, options));
    this.#mutations++;
    this.#bytes += value instanceof Uint8Array ? value.length + 100 : 200;
  }

  /** Deletes a value. */
  delete(key: KvKey): void {
    this.#extras.push((atomic) => void atomic.delete(key));
    this.#mutations++;
  }

  /** Writes everything into a transaction. */
  build(atomic: KvAtomic, nextSeq: () => number): void {
    this.made.length = 0;
    for (const group of this.#ready.values()) this.#store(atomic, group, nextSeq);
    for (const group of this.#other.values()) this.#store(atomic, group, nextSeq);
    for (const [segment, leaving] of this.#leaving) {
      if (leaving.length === segment.live) this.#delete(atomic, segment);
      else {
        const value = encodeLedger(segment, leaving, this.#scratch);
        atomic.set(this.#keys.ledger(segment.seq), value);
      }
    }
    for (const segment of this.dropped) this.#delete(atomic, segment);
    for (const extra of this.#extras) extra(atomic);
  }

  #groupOf(record: KvRecord, rank: number | undefined): Group {
    const { tube, state } = record;
    const groups = state === "ready" ? this.#ready : this.#other;
    let name = tube;
    if (state === "delayed") name = `${bucketOf(record.readyAt, this.storeMs)} ${tube}`;
    else if (state === "buried") name = `${rank ?? ""} ${tube}`;
    let group = groups.get(name);
    if (group === undefined) {
      group = { tube, state: state as SegmentState, rank, records: [], bytes: 0 };
      groups.set(name, group);
      this.#mutations += 2;
    }
    return group;
  }

  #touch(segment: Segment): KvRecord[] {
    let leaving = this.#leaving.get(segment);
    if (leaving === undefined) {
      leaving = [];
      this.#leaving.set(segment, leaving);
      this.#mutations += 2;
      this.#bytes += 200 + (segment.count >> 2) + (segment.inline?.length ?? 0);
    }
    return leaving;
  }

  #store(atomic: KvAtomic, group: Group, nextSeq: () => number): void {
    const { records, tube, state, rank } = group;
    for (let start = 0; start < records.length;) {
      const { value, end } = encodeSegment(records, start, this.#scratch);
      const seq = nextSeq();
      const segment = new Segment(seq, tube, state, rank ?? seq);
      const contained = records.slice(start, end);
      for (const record of contained) segment.include(record);
      segment.bytes = value.length;
      if (value.length <= MAX_INLINE_BYTES) segment.inline = value;
      else atomic.set(this.#keys.segment(seq), value);
      atomic.set(this.#keys.ledger(seq), encodeLedger(segment, [], this.#scratch));
      this.made.push({ segment, records: contained });
      start = end;
    }
  }

  #delete(atomic: KvAtomic, segment: Segment): void {
    if (segment.inline === null) atomic.delete(this.#keys.segment(segment.seq));
    atomic.delete(this.#keys.ledger(segment.seq));
  }
}
