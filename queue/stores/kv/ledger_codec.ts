import { Bitmap } from "./bitmap.ts";
import { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { KvRecord } from "./kv_record.ts";
import { Segment, type SegmentState } from "./segment.ts";
import { URGENT_BELOW } from "../../stored_job.ts";

/** The first version had no values in it. */
const VERSIONS = [1, 2];
const VERSION = 2;
const STATES: readonly SegmentState[] = ["ready", "delayed", "buried"];
const GONE = 1;
const STARTED = 2;
const INLINE = 4;

/**
 * Writes what is known of a segment, which is stored beside it under a key of
 * its own, so that a restart need not read the jobs.
 *
 * @param segment The segment.
 * @param leaving Jobs that it loses by the transaction that stores this.
 * @param scratch Where to write.
 */
export function encodeLedger(
  segment: Segment,
  leaving: readonly KvRecord[],
  scratch: ByteWriter,
): Uint8Array<ArrayBuffer> {
  let { gone, started, live, urgent } = segment;
  if (leaving.length > 0) {
    gone = gone?.copy() ?? new Bitmap(segment.count);
    started = started?.copy() ?? null;
    for (const record of leaving) {
      gone.add(record.index);
      started?.delete(record.index);
      live--;
      if (record.priority < URGENT_BELOW) urgent--;
    }
  }
  scratch.reset();
  scratch.byte(VERSION);
  scratch.byte(STATES.indexOf(segment.state));
  const { inline } = segment;
  scratch.byte(
    (gone === null ? 0 : GONE) | (started === null ? 0 : STARTED) | (inline === null ? 0 : INLINE),
  );
  scratch.text(segment.tube);
  const { rank, count, bytes, minId, maxId, headPriority, headId, headAt, lastAt } = segment;
  scratch.uint(rank);
  scratch.uint(count);
  scratch.uint(live);
  scratch.uint(urgent);
  scratch.uint(bytes);
  scratch.uint(minId);
  scratch.uint(maxId - minId);
  scratch.uint(headPriority);
  scratch.uint(headId - minId);
  scratch.uint(Math.ceil(headAt));
  scratch.uint(Math.ceil(lastAt));
  if (gone !== null) scratch.raw(gone.bytes);
  if (started !== null) scratch.raw(started.bytes);
  if (inline !== null) scratch.bytes(inline);
  return scratch.take();
}

/** Reads what is known of a segment; `null` when the value is not such. */
export function decodeLedger(value: Uint8Array, seq: number): Segment | null {
  const from = new ByteReader(value);
  if (!VERSIONS.includes(from.byte())) return null;
  const state = STATES[from.byte()];
  const flags = from.byte();
  if (state === undefined) return null;
  const tube = from.text();
  const segment = new Segment(seq, tube, state, from.uint());
  segment.count = from.uint();
  segment.live = from.uint();
  segment.urgent = from.uint();
  segment.bytes = from.uint();
  segment.minId = from.uint();
  segment.maxId = segment.minId + from.uint();
  segment.headPriority = from.uint();
  segment.headId = segment.minId + from.uint();
  segment.headAt = from.uint();
  segment.lastAt = from.uint();
  const length = (segment.count + 7) >> 3;
  if (flags & GONE) segment.gone = new Bitmap(0, from.raw(length).slice());
  if (flags & STARTED) segment.started = new Bitmap(0, from.raw(length).slice());
  if (flags & INLINE) segment.inline = from.bytes();
  return from.complete ? segment : null;
}
