import { JobRecord } from "../job_record.ts";
import type { Segment } from "./segment.ts";

/** Where the body of a large job is: in chunks of its own. */
export interface ChunkList {
  /** The number that the chunks are stored under. */
  readonly id: number;
  /** How many there are. */
  readonly count: number;
}

/** A job in the memory of a store on a key-value database. */
export class KvRecord extends JobRecord {
  /** The segment that holds it; `null` while it is on its way into one. */
  segment: Segment | null = null;
  /** Its place in the segment. */
  index = -1;
  /** Where the body is, if not in the segment; then `body` is empty until it is read. */
  chunks: ChunkList | null = null;
  /** While a change that is no reservation is on its way: resolves at its end. */
  changing: Promise<void> | null = null;

  override copy(): KvRecord {
    const copy = this.copyTo(new KvRecord(this.id, this.tube, this.body));
    copy.chunks = this.chunks;
    return copy;
  }
}
