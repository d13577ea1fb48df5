import { URGENT_BELOW } from "../../stored_job.ts";
import type { HeapItem } from "../heap.ts";
import { Bitmap } from "./bitmap.ts";
import type { KvRecord } from "./kv_record.ts";

/** Where the jobs of a segment stand, but for those that were taken out of it. */
export type SegmentState = "ready" | "delayed" | "buried";

/** What a job in memory adds to the size of its body, roughly. */
const RECORD_BYTES = 300;

/**
 * What a store knows of one stored value that holds jobs of one tube. The
 * jobs themselves are in memory only while they are likely to be wanted.
 */
export class Segment implements HeapItem {
  place = -1;
  /** The number that the segment is stored under. */
  readonly seq: number;
  readonly tube: string;
  state: SegmentState;
  /** Where the segment stands among the buried ones. */
  rank: number;
  /** How many jobs were put into it. */
  count = 0;
  /** How many of them are still its own, those taken included. */
  live = 0;
  /** Of these, how many are urgent. */
  urgent = 0;
  /** The size of the stored value. */
  bytes = 0;
  /** The value itself when it is small: then it is stored with what is known of the segment. */
  inline: Uint8Array | null = null;
  minId = Infinity;
  maxId = 0;
  /** The most urgent priority that may be left, and the least id that may have it. */
  headPriority = Infinity;
  headId = Infinity;
  /** When the first delayed job that may be left is due, in milliseconds since the Unix epoch. */
  headAt = Infinity;
  /** When the last one is. */
  lastAt = 0;
  /** The places of the jobs that are not the segment's any more; `null` for none. */
  gone: Bitmap | null = null;
  /** The places of the jobs that were given out; `null` for none. */
  started: Bitmap | null = null;
  /** The jobs, in the order in which they are to be taken; `null` while they are not in memory. */
  jobs: readonly KvRecord[] | null = null;
  /** Where in {@linkcode jobs} the next one is. */
  cursor = 0;
  /** How many live jobs are taken. */
  out = 0;
  /** Resolves when the jobs have been read into memory, or the segment has been rewritten. */
  busy: Promise<unknown> | null = null;
  /** Whether the segment is known to whoever merges small ones. */
  listed = false;

  /**
   * @param seq The number that the segment is stored under.
   * @param tube The tube of its jobs.
   * @param state Where they stand.
   * @param rank Where the segment stands among the buried ones.
   */
  constructor(seq: number, tube: string, state: SegmentState, rank: number) {
    this.seq = seq;
    this.tube = tube;
    this.state = state;
    this.rank = rank;
  }

  /** What the jobs take in memory, roughly. */
  get memoryBytes(): number {
    return this.bytes + RECORD_BYTES * this.count;
  }

  /** Whether nothing touches the segment, so that it can be rewritten. */
  get idle(): boolean {
    const wasStarted = this.started !== null && !this.started.empty;
    return this.out === 0 && this.busy === null && this.live > 0 && !wasStarted;
  }

  /** Counts a job in, when the segment is made. */
  include(record: KvRecord): void {
    record.segment = this;
    record.index = this.count++;
    this.live++;
    if (record.priority < URGENT_BELOW) this.urgent++;
    this.minId = Math.min(this.minId, record.id);
    this.maxId = Math.max(this.maxId, record.id);
    this.headAt = Math.min(this.headAt, record.readyAt);
    this.lastAt = Math.max(this.lastAt, record.readyAt);
    this.#lowerHead(record);
  }

  /** Counts a job out, as it has ended or moved on. */
  exclude(record: KvRecord): void {
    this.gone ??= new Bitmap(this.count);
    this.gone.add(record.index);
    this.started?.delete(record.index);
    this.live--;
    this.out--;
    if (record.priority < URGENT_BELOW) this.urgent--;
  }

  /** Notes that a job was given out. */
  start(record: KvRecord): void {
    this.started ??= new Bitmap(this.count);
    this.started.add(record.index);
  }

  /** Whether a job is still the segment's own. */
  owns(index: number): boolean {
    return this.gone === null || !this.gone.has(index);
  }

  /** Takes the jobs into memory, without those that are taken. */
  fill(records: readonly KvRecord[]): void {
    const compare = ORDERS[this.state];
    let sorted = true;
    for (let i = 1; i < records.length && sorted; i++) {
      sorted = compare(records[i - 1], records[i]) <= 0;
    }
    this.jobs = sorted ? records : [...records].sort(compare);
    this.cursor = 0;
    this.#raiseHead();
  }

  /** Lets the jobs in memory go. */
  empty(): void {
    this.jobs = null;
    this.cursor = 0;
  }

  /** The next job, when it is in memory. */
  get next(): KvRecord | undefined {
    return this.jobs?.[this.cursor];
  }

  /** Passes over jobs that were taken otherwise; then the head is that of the next job. */
  skip(isTaken: (record: KvRecord) => boolean): void {
    const { jobs } = this;
    if (jobs === null) return;
    while (this.cursor < jobs.length && isTaken(jobs[this.cursor])) this.cursor++;
    this.#raiseHead();
  }

  /** Makes the head that of a job that comes back, if that is sooner. */
  #lowerHead(record: KvRecord): void {
    const { priority, id } = record;
    if (priority > this.headPriority) return;
    if (priority === this.headPriority && id > this.headId) return;
    this.headPriority = priority;
    this.headId = id;
  }

  #raiseHead(): void {
    const { next } = this;
    if (next === undefined) return;
    if (this.state === "delayed") this.headAt = next.readyAt;
    if (this.state !== "ready") return;
    this.headPriority = next.priority;
    this.headId = next.id;
  }
}

const ORDERS: Record<SegmentState, (a: KvRecord, b: KvRecord) => number> = {
  ready: (a, b) => a.priority - b.priority || a.id - b.id,
  delayed: (a, b) => a.readyAt - b.readyAt || a.id - b.id,
  buried: (a, b) => a.index - b.index,
};
