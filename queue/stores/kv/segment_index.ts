import type { EventLoop } from "../../../loop/mod.ts";
import { StoreError } from "../../store_error.ts";
import { Heap } from "../heap.ts";
import { isMoreUrgent } from "../job_record.ts";
import { TubeTable } from "../tube_table.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvDatabase } from "./kv_database.ts";
import type { KvRecord } from "./kv_record.ts";
import { Line } from "./line.ts";
import type { Segment } from "./segment.ts";
import { decodeSegment } from "./segment_codec.ts";

/** How soon a segment that could not be read is tried again. */
const RETRY_MS = 1000;
/** How many segments next in turn are read ahead. */
const READ_AHEAD = 7;

/** What the store keeps of a tube. */
export class KvTube {
  readonly ready: Line = new Line("ready");
  readonly delayed: Line = new Line("delayed");
  readonly buried: Line = new Line("buried");
  /** Ready jobs that were taken from their segments and have come back, or have become due. */
  readonly loose: Heap<KvRecord> = new Heap<KvRecord>(isMoreUrgent);
}

/** What an index is told about its surroundings. */
export interface IndexOptions {
  loop: EventLoop;
  kv: KvDatabase;
  keys: KeySpace;
  /** Most bytes of memory for jobs that nobody has reserved. */
  maxLoadedBytes: number;
  /** Told of a tube whose ready jobs have come into memory. */
  onReady: (tube: string) => void;
  /** Takes a job out of where it is parked; `false` when it isn't. */
  unpark: (record: KvRecord) => boolean;
  /** Told of what could not be read. */
  onError: (error: StoreError) => void;
}

/**
 * All segments of a store, by tube and state, and those jobs that are in
 * memory. The jobs of a segment are read when they come near the front.
 */
export class SegmentIndex {
  readonly #options: IndexOptions;
  readonly tubes: TubeTable<KvTube> = new TubeTable(() => new KvTube());
  /** The jobs that were taken from their segments, and are not gone. */
  readonly out = new Map<number, KvRecord>();
  readonly #loaded = new Set<Segment>();
  #loadedBytes = 0;

  /**
   * @param options See {@linkcode IndexOptions}.
   */
  constructor(options: IndexOptions) {
    this.#options = options;
  }

  /** Whether memory for jobs is short. */
  get crowded(): boolean {
    return this.#loadedBytes > this.#options.maxLoadedBytes;
  }

  /** The line that a segment stands in. */
  lineOf(segment: Segment): Line {
    return this.tubes.open(segment.tube).content[segment.state];
  }

  /** Puts a segment in. */
  add(segment: Segment, jobs: readonly KvRecord[] | null): void {
    if (jobs !== null && segment.state !== "buried" && !this.crowded) this.#fill(segment, jobs);
    this.lineOf(segment).add(segment);
  }

  /** Takes a segment out. */
  remove(segment: Segment): void {
    this.empty(segment);
    const content = this.tubes.find(segment.tube)?.content;
    content?.[segment.state].segments.remove(segment);
  }

  /** Lets the jobs of a segment go out of memory, other than those taken. */
  empty(segment: Segment): void {
    segment.empty();
    if (this.#loaded.delete(segment)) this.#loadedBytes -= segment.memoryBytes;
  }

  /** Counts a job out of its segment, as it has ended or moved on. */
  exclude(record: KvRecord): void {
    const segment = record.segment!;
    segment.exclude(record);
    this.out.delete(record.id);
    if (segment.live === 0) this.remove(segment);
    else if (segment.state !== "buried" && segment.place >= 0) this.lineOf(segment).note(segment);
  }

  /** The first ready job of a tube, or what is known of it. */
  peekReady(tube: string): { readonly priority: number; readonly id: number } | undefined {
    const content = this.tubes.find(tube)?.content;
    const segment = content?.ready.segments.peek();
    const loose = content?.loose.peek();
    if (segment === undefined) return loose;
    const head = { priority: segment.headPriority, id: segment.headId };
    return loose !== undefined && isMoreUrgent(loose, head) ? loose : head;
  }

  /** Takes the first ready job of a tube; none while it is not in memory, or there is none. */
  popReady(tube: string): KvRecord | undefined {
    const content = this.tubes.find(tube)?.content;
    if (content === undefined) return undefined;
    for (;;) {
      const segment = content.ready.segments.peek();
      const loose = content.loose.peek();
      if (loose !== undefined && (segment === undefined || this.isBefore(loose, segment))) {
        return content.loose.take();
      }
      if (segment === undefined) return undefined;
      if (segment.busy !== null) return undefined;
      if (segment.jobs === null) {
        this.#readAhead(content.ready);
        return undefined;
      }
      const record = segment.next;
      if (record !== undefined) return this.take(segment, record);
      this.remove(segment);
    }
  }

  /** The segments that may hold a job that is not taken. */
  *around(id: number): Generator<Segment> {
    for (const { content } of this.tubes.values()) {
      for (const line of [content.ready, content.delayed, content.buried]) {
        for (const segment of line.segments.values()) {
          if (segment.minId <= id && id <= segment.maxId && segment.live > segment.out) {
            yield segment;
          }
        }
      }
    }
  }

  /** Whether a loose job comes before those of a segment. */
  isBefore(loose: KvRecord, { headPriority, headId }: Segment): boolean {
    const { priority, id } = loose;
    return priority < headPriority || (priority === headPriority && id < headId);
  }

  /** Resolves when what {@linkcode popReady} waits for is in memory; `null` when there is nothing. */
  loading(tubes: readonly string[]): Promise<unknown> | null {
    for (const tube of tubes) {
      const { busy } = this.tubes.find(tube)?.content.ready.segments.peek() ?? { busy: null };
      if (busy !== null) return busy;
    }
    return null;
  }

  /** Takes a job out of its segment. */
  take(segment: Segment, record: KvRecord): KvRecord {
    segment.out++;
    this.out.set(record.id, record);
    this.#advance(segment);
    return record;
  }

  /** Takes a job that nobody has reserved from wherever it is. */
  pull(record: KvRecord): void {
    const segment = record.segment!;
    if (!this.out.has(record.id)) {
      this.take(segment, record);
    } else {
      const { content } = this.tubes.open(record.tube);
      if (!this.#options.unpark(record)) content.loose.remove(record);
    }
  }

  /** Puts a job back that was taken. */
  putBack(record: KvRecord): void {
    const segment = record.segment!;
    if (record.state === "ready") {
      segment.started?.delete(record.index);
      this.tubes.open(record.tube).content.loose.add(record);
      return;
    }
    this.out.delete(record.id);
    segment.out--;
    this.empty(segment);
    segment.headAt = Math.min(segment.headAt, record.readyAt);
    const { segments } = this.lineOf(segment);
    if (segment.place < 0) segments.add(segment);
    else segments.update(segment);
  }

  /**
   * Reads the jobs of a segment that isn't busy into memory, those that are taken excepted.
   *
   * @returns The jobs, which may be out of memory again when it is short.
   */
  load(segment: Segment): Promise<readonly KvRecord[]> {
    const busy = this.#load(segment);
    segment.busy = busy;
    busy.catch((error) => this.#options.onError(error));
    return busy;
  }

  /** Reads the jobs that a segment owns. */
  async read(segment: Segment): Promise<KvRecord[]> {
    const records = decodeSegment(await this.#get(segment), segment.tube);
    if (records === null) throw corrupt(segment);
    return records.filter((record) => {
      record.segment = segment;
      record.state = segment.state;
      return segment.owns(record.index);
    });
  }

  async #get(segment: Segment): Promise<Uint8Array> {
    if (segment.inline !== null) return segment.inline;
    const { kv, keys } = this.#options;
    try {
      const { value } = await kv.get(keys.segment(segment.seq));
      if (value instanceof Uint8Array) return value;
    } catch (cause) {
      throw new StoreError("Cannot read jobs as the database has failed", {
        code: "failed",
        cause,
      });
    }
    throw corrupt(segment);
  }

  async #load(segment: Segment): Promise<readonly KvRecord[]> {
    const { loop, onReady } = this.#options;
    let records: readonly KvRecord[];
    try {
      records = await this.read(segment);
      segment.busy = null;
      if (segment.live === 0) return [];
      records = records.filter((record) => !this.out.has(record.id));
      this.#fill(segment, records);
      if (segment.place >= 0) this.lineOf(segment).segments.update(segment);
      if (this.crowded) this.#evict();
    } catch (error) {
      segment.busy = null;
      if (error instanceof StoreError && error.code === "corrupt") this.#setAside(segment);
      else loop.callLater(RETRY_MS, () => onReady(segment.tube));
      throw error;
    }
    onReady(segment.tube);
    return records;
  }

  #fill(segment: Segment, jobs: readonly KvRecord[]): void {
    segment.fill(jobs);
    this.#loaded.add(segment);
    this.#loadedBytes += segment.memoryBytes;
  }

  /** Leaves alone what can't be read, so that the rest goes on. */
  #setAside(segment: Segment): void {
    const { tally } = this.tubes;
    const tube = this.tubes.open(segment.tube);
    this.remove(segment);
    for (const each of [tally, tube.tally]) {
      each[segment.state] -= segment.live - segment.out;
      if (segment.state === "ready") each.urgent -= segment.urgent;
    }
  }

  #advance(segment: Segment): void {
    const line = this.lineOf(segment);
    if (segment.live === segment.out) this.remove(segment);
    if (segment.jobs === null) return segment.state === "ready" ? this.#readAhead(line) : undefined;
    segment.skip((record) => this.out.has(record.id) || !segment.owns(record.index));
    if (segment.place >= 0) line.segments.update(segment);
    const left = segment.jobs.length - segment.cursor;
    if (segment.state === "ready" && left === segment.count >> 1) this.#readAhead(line);
  }

  #readAhead(line: Line): void {
    for (const segment of line.segments.near(READ_AHEAD)) {
      if (segment.jobs === null && segment.busy === null) void this.load(segment);
    }
  }

  /** Lets jobs go that are not likely to be wanted soon. */
  #evict(): void {
    const idle = [...this.#loaded].filter((each) => each.place >= READ_AHEAD && each.busy === null);
    idle.sort((a, b) => b.place - a.place);
    for (const segment of idle) {
      if (2 * this.#loadedBytes < this.#options.maxLoadedBytes) return;
      this.empty(segment);
    }
  }
}

function corrupt(segment: Segment): StoreError {
  const what = `segment ${segment.seq} of tube ${segment.tube}`;
  return new StoreError(`Cannot read jobs as ${what} is missing or damaged`, { code: "corrupt" });
}
