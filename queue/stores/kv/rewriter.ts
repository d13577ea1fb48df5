import { StoreError } from "../../store_error.ts";
import { RewriteChange } from "./changes.ts";
import type { Committer } from "./committer.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvRecord } from "./kv_record.ts";
import type { Line } from "./line.ts";
import type { Segment } from "./segment.ts";
import type { SegmentIndex } from "./segment_index.ts";

/** How many small segments there are to be until they are merged. */
const MERGE_COUNT = 256;
/** Delayed jobs are merged by their time, so that more are needed for it to be of use. */
const MERGE_DELAYED_COUNT = 512;
/** What goes into one transaction, among what else it holds. */
const MAX_SOURCES = 256;
const MAX_BYTES = 100_000;
const MAX_RECORDS = 1000;

/** What a rewriter works on. */
export interface RewriterParts {
  keys: KeySpace;
  index: SegmentIndex;
  committer: Committer;
  /** Told of a tube whose segments can be touched again. */
  onReady: (tube: string) => void;
  /** Told of what could not be rewritten. */
  onError: (error: StoreError) => void;
}

/**
 * Stores the jobs of segments anew: of many small ones in few large ones, and of one that spans a
 * long time in several that become due one after the other.
 */
export class Rewriter {
  readonly #parts: RewriterParts;
  #running: Promise<void> | null = null;

  /**
   * @param parts See {@linkcode RewriterParts}.
   */
  constructor(parts: RewriterParts) {
    this.#parts = parts;
  }

  /** Merges small segments of a line when there are many. */
  tend(line: Line, state: Segment["state"]): void {
    if (this.#running !== null) return;
    const segments = line.takeSmall(state === "delayed" ? MERGE_DELAYED_COUNT : MERGE_COUNT);
    if (segments.length === 0) return;
    // Neighbours in time have the best chance to share a segment.
    if (state === "delayed") segments.sort((a, b) => a.headAt - b.headAt);
    this.#running = this.#rewriteAll(segments);
  }

  /** Stores the jobs of one segment anew; `false` when that has failed. */
  split(segment: Segment): Promise<boolean> {
    return this.#rewrite([segment]);
  }

  /** Waits until nothing is being rewritten. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #rewriteAll(segments: readonly Segment[]): Promise<void> {
    let [records, bytes] = [0, 0];
    let group: Segment[] = [];
    for (const segment of segments) {
      records += segment.live;
      bytes += segment.bytes;
      if (records > MAX_RECORDS || bytes > MAX_BYTES || group.length === MAX_SOURCES) {
        await this.#rewrite(group);
        [records, bytes, group] = [segment.live, segment.bytes, []];
      }
      group.push(segment);
    }
    if (group.length > 1) await this.#rewrite(group);
    this.#running = null;
  }

  async #rewrite(candidates: readonly Segment[]): Promise<boolean> {
    const sources = candidates.filter((each) => each.idle && each.place >= 0);
    if (sources.length === 0) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const source of sources) source.busy = promise;
    try {
      await this.#store(sources, await this.#jobsOf(sources));
      return true;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#parts.onError(error);
      return false;
    } finally {
      for (const source of sources) source.busy = null;
      resolve();
      for (const tube of new Set(sources.map((each) => each.tube))) this.#parts.onReady(tube);
    }
  }

  /** Copies jobs that are in memory, and reads others, one segment at a time, as all wait for reads. */
  async #jobsOf(sources: readonly Segment[]): Promise<KvRecord[]> {
    const jobs: KvRecord[] = [];
    for (const source of sources) {
      const known = source.jobs?.filter((job) => source.owns(job.index)) ?? [];
      if (known.length === source.live) jobs.push(...known.map((job) => job.copy()));
      else jobs.push(...await this.#parts.index.read(source));
    }
    return jobs;
  }

  #store(sources: readonly Segment[], records: readonly KvRecord[]): Promise<void> {
    const { keys, index, committer } = this.#parts;
    return new Promise((resolve, failed) => {
      const committed = (): void => {
        for (const source of sources) {
          index.remove(source);
          source.live = 0;
        }
        resolve();
      };
      committer.submit(new RewriteChange(sources, records, { keys, committed, failed }));
    });
  }
}
