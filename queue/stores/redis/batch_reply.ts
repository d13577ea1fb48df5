import type { JobMeta, ToldJob } from "./job_meta.ts";
import type { Counts } from "./mirror.ts";
import type { Result } from "./operation.ts";

const LINE_FEED = 10;
/** Bodies out of a reply of up to so many bytes share its memory. */
const MAX_SHARED_BYTES = 262_144;

const decoder = new TextDecoder();

/** What an answer says besides the jobs. */
export interface Header {
  /** Results. */
  readonly r: Result[];
  /** Whether all tubes are told of. */
  readonly a: boolean;
  /** Tubes that have changed. */
  readonly t: Record<string, Counts | false>;
  /** Totals. */
  readonly g: Counts;
  /** When the next job is due; 0 for never. */
  readonly n: number;
  /** Jobs that have expired. */
  readonly x: string[] | Record<string, never>;
  /** Jobs that were given up, and why. */
  readonly b: [string, string][] | Record<string, never>;
  /** Jobs that were kicked. */
  readonly k: string[] | Record<string, never>;
  /** Jobs in all states. */
  readonly j: number;
  /** The lease that was given. */
  readonly l?: number;
}

/** Reads what a script answers: a header, numbers of jobs, lengths, and what is told of each. */
export function readBatchReply(
  [header, ids, lengths, blob]: readonly Uint8Array[],
): [Header, ToldJob[]] {
  const read = (bytes: Uint8Array) => JSON.parse(decoder.decode(bytes));
  if (ids.length === 0) return [read(header), []];
  const sizes: number[] = read(lengths);
  const heads = new HeadReader(blob);
  const isShared = blob.length <= MAX_SHARED_BYTES;
  let at = 0;
  const jobs = decoder.decode(ids).split(",").map((id, i): ToldJob => {
    const start = blob.indexOf(LINE_FEED, at);
    const meta = heads.read(at, start);
    at += sizes[i];
    const body = isShared ? blob.subarray(start + 1, at) : blob.slice(start + 1, at);
    return { id: Number(id), meta, body };
  });
  return [read(header), jobs];
}

/** Reads records, those only once that are like the one before. */
class HeadReader {
  readonly #blob: Uint8Array;
  #start = 0;
  #length = -1;
  #meta: JobMeta | null = null;

  constructor(blob: Uint8Array) {
    this.#blob = blob;
  }

  read(start: number, end: number): JobMeta | null {
    if (end - start !== this.#length || !this.#isSame(start)) {
      // One that is gone meanwhile has none.
      const text = decoder.decode(this.#blob.subarray(start, end)) || "null";
      this.#meta = JSON.parse(text);
      this.#start = start;
      this.#length = end - start;
    }
    return this.#meta;
  }

  #isSame(start: number): boolean {
    const [blob, other, length] = [this.#blob, this.#start, this.#length];
    for (let i = 0; i < length; i++) if (blob[start + i] !== blob[other + i]) return false;
    return true;
  }
}
