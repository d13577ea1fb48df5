import type { EventLoop } from "../../../loop/mod.ts";
import type { JobOutcome, JobState, ReservedJob, StoredJob } from "../../stored_job.ts";
import type { ListOptions } from "../../job_store.ts";
import type { OutcomeBoard } from "../outcome_board.ts";
import type { ReserveDesk } from "../reserve_desk.ts";
import type { StoreClock } from "../store_clock.ts";
import type { Bodies } from "./bodies.ts";
import type { KvRecord } from "./kv_record.ts";
import type { KvShelf } from "./kv_shelf.ts";
import type { Line } from "./line.ts";
import type { Segment } from "./segment.ts";
import type { KvTube, SegmentIndex } from "./segment_index.ts";

/** How many jobs are kicked in one go. */
const KICKS_AT_ONCE = 500;

/** What a clerk works on. */
export interface ClerkParts {
  loop: EventLoop;
  clock: StoreClock;
  index: SegmentIndex;
  shelf: KvShelf;
  desk: ReserveDesk;
  board: OutcomeBoard;
  bodies: Bodies;
}

/** Finds jobs, and does what is asked of those that nobody has reserved. */
export class Clerk {
  readonly #parts: ClerkParts;

  /**
   * @param parts See {@linkcode ClerkParts}.
   */
  constructor(parts: ClerkParts) {
    this.#parts = parts;
  }

  async reserveJob(id: number, isDurable: boolean): Promise<ReservedJob | null> {
    const record = await this.#find(id);
    if (record === null || record.state === "reserved") return null;
    this.#parts.index.pull(record);
    return await this.#parts.desk.reserveRecord(record, isDurable);
  }

  async delete(id: number): Promise<boolean> {
    const { index, shelf, desk } = this.#parts;
    const record = await this.#find(id);
    if (record === null || record.state === "reserved") return false;
    const outcome: JobOutcome = { state: "deleted" };
    index.pull(record);
    await this.#change(
      record,
      shelf.end(record, outcome, () => {
        index.tubes.count(record.tube, "deleted");
        desk.dropped(record, outcome);
      }),
    );
    return true;
  }

  async kick(tube: string, count: number): Promise<number> {
    const { tubes } = this.#parts.index;
    const content = tubes.find(tube)?.content;
    if (content === undefined) return 0;
    const line = content.buried.segments.size > 0 ? content.buried : content.delayed;
    let kicked = 0;
    while (kicked < count) {
      const records = await this.#takeSome(line, Math.min(KICKS_AT_ONCE, count - kicked));
      if (records.length === 0) break;
      await Promise.all(records.map((record) => this.#kick(record)));
      kicked += records.length;
    }
    return kicked;
  }

  async kickJob(id: number): Promise<boolean> {
    const record = await this.#find(id);
    if (record?.state !== "buried" && record?.state !== "delayed") return false;
    this.#parts.index.pull(record);
    await this.#kick(record);
    return true;
  }

  async peek(id: number): Promise<StoredJob | null> {
    const record = await this.#find(id);
    return record === null ? null : await this.#view(record);
  }

  async peekNext(tube: string, state: Exclude<JobState, "reserved">): Promise<StoredJob | null> {
    const content = this.#parts.index.tubes.find(tube)?.content;
    if (content === undefined) return null;
    const record = await this.#next(content, state);
    return record === null ? null : await this.#view(record);
  }

  async list(tube: string, options: ListOptions): Promise<StoredJob[]> {
    const { state, limit = 100, after = 0 } = options;
    const { index, desk } = this.#parts;
    const found = new Map<number, KvRecord>();
    for (const record of index.out.values()) {
      if (record.tube === tube && record.state === state) found.set(record.id, record);
    }
    const content = index.tubes.find(tube)?.content;
    if (state !== "reserved" && content !== undefined) {
      await this.#collect(content[state], { found, after, limit });
    }
    const views: StoredJob[] = [];
    for (const id of [...found.keys()].sort((a, b) => a - b)) {
      if (views.length === limit) break;
      const record = found.get(id)!;
      const isThere = record.state === state && (state !== "reserved" || desk.leases.get(id));
      if (id > after && isThere) views.push(await this.#view(record));
    }
    return views;
  }

  /** Adds the jobs of a line until no segment can hold any with a lower id. */
  async #collect(
    line: Line,
    options: { found: Map<number, KvRecord>; after: number; limit: number },
  ): Promise<void> {
    const { index } = this.#parts;
    const { found, after, limit } = options;
    const segments = [...line.segments.values()].filter((each) => each.maxId > after)
      .sort((a, b) => a.minId - b.minId);
    const ids: number[] = [];
    for (const segment of segments) {
      if (ids.length >= limit && segment.minId > ids.sort((a, b) => a - b)[limit - 1]) return;
      for (const record of segment.jobs ?? await this.#readSome(segment)) {
        if (record.id <= after || index.out.has(record.id) || !segment.owns(record.index)) continue;
        found.set(record.id, record);
        ids.push(record.id);
      }
    }
  }

  /** Reads the jobs of a segment, which others may meanwhile have taken and ended. */
  async #readSome(segment: Segment): Promise<readonly KvRecord[]> {
    const hasSome = (): boolean => segment.live > segment.out;
    if (segment.busy !== null) await segment.busy;
    if (!hasSome()) return [];
    try {
      return await this.#parts.index.read(segment);
    } catch (error) {
      if (segment.busy !== null) await segment.busy;
      if (hasSome()) throw error;
      return [];
    }
  }

  async #find(id: number): Promise<KvRecord | null> {
    const { index } = this.#parts;
    const without = new Set<Segment>();
    for (;;) {
      const known = index.out.get(id);
      if (known !== undefined) {
        if (known.changing === null) return known;
        await known.changing;
        continue;
      }
      const segment = index.around(id).find((each) => !without.has(each));
      if (segment === undefined) return null;
      if (segment.busy !== null) {
        await segment.busy;
        continue;
      }
      // What was read is looked at, not the segment: where memory is short, it may be empty again.
      const jobs = segment.jobs ?? await index.load(segment);
      const record = jobs.find((each) => each.id === id);
      if (record === undefined || !segment.owns(record.index)) without.add(segment);
      else if (segment.busy === null && !index.out.has(id)) return record;
    }
  }

  async #next(content: KvTube, state: Exclude<JobState, "reserved">): Promise<KvRecord | null> {
    const { index } = this.#parts;
    for (;;) {
      const segment: Segment | undefined = content[state].segments.peek();
      const loose = state === "ready" ? content.loose.peek() : undefined;
      if (segment === undefined) return loose ?? null;
      if (loose !== undefined && index.isBefore(loose, segment)) return loose;
      if (segment.busy !== null) await segment.busy;
      else if (segment.jobs === null) await index.load(segment);
      else if (segment.next === undefined) index.remove(segment);
      else return segment.next;
    }
  }

  async #takeSome(line: Line, count: number): Promise<KvRecord[]> {
    const { index } = this.#parts;
    const taken: KvRecord[] = [];
    while (taken.length < count) {
      const segment = line.segments.peek();
      if (segment === undefined) break;
      if (segment.busy !== null) await segment.busy;
      else if (segment.jobs === null) await index.load(segment);
      else if (segment.next === undefined) index.remove(segment);
      else taken.push(index.take(segment, segment.next));
    }
    return taken;
  }

  async #kick(record: KvRecord): Promise<void> {
    const { index, shelf, board, loop } = this.#parts;
    const next = record.copy();
    next.note("kicked", loop.wallNow());
    next.state = "ready";
    next.readyAt = 0;
    next.kicks++;
    if (next.maxAttempts > 0) next.attempts = 0;
    await this.#change(
      record,
      shelf.move(record, next, () => {
        index.tubes.enter(next, "ready");
        index.tubes.leave(record, record.state);
        index.tubes.count(next.tube, "kicks");
        board.forget(next.id);
      }),
    );
  }

  /** Waits for a change of a job that was pulled; puts it back when that fails. */
  async #change(record: KvRecord, change: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    record.changing = promise;
    try {
      await change;
    } catch (error) {
      record.changing = null;
      this.#parts.shelf.putBack(record);
      throw error;
    } finally {
      record.changing = null;
      resolve();
    }
  }

  async #view(record: KvRecord): Promise<StoredJob> {
    const { clock, desk, bodies } = this.#parts;
    let shown = record;
    if (record.chunks !== null && record.body.length === 0) {
      shown = record.copy();
      await bodies.read([shown]);
    }
    const view = shown.view(clock.now());
    const reservation = desk.leases.get(record.id);
    return reservation === undefined ? view : { ...view, timeLeftMs: reservation.timeLeftMs };
  }
}
