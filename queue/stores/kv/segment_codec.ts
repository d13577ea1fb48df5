import { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import type { KvRecord } from "./kv_record.ts";
import { readRecord, recordSizeBound, writeRecord } from "./record_codec.ts";

/** The first version had no histories. */
const VERSIONS = [1, 2];
const VERSION = 2;
/** The largest value that Deno KV takes, less some. */
const MAX_BYTES = 65_000;

/**
 * Writes jobs, as many as fit, as the value of a segment. Their bodies are
 * afterwards those in the value, so that the bytes that were pushed can go.
 *
 * @param records The jobs.
 * @param start The first one to write.
 * @param scratch Where to write.
 * @returns The value, and the first job that is not in it.
 */
export function encodeSegment(
  records: readonly KvRecord[],
  start: number,
  scratch: ByteWriter,
): { value: Uint8Array<ArrayBuffer>; end: number } {
  const base = {
    id: records[start].id,
    createdAt: Math.floor(records[start].createdAt),
    hasHistory: true,
  };
  const ends: number[] = [];
  scratch.reset();
  scratch.byte(VERSION);
  scratch.uint(base.id);
  scratch.uint(base.createdAt);
  let end = start;
  do {
    writeRecord(scratch, records[end++], base);
    ends.push(scratch.length);
  } while (end < records.length && scratch.length + recordSizeBound(records[end]) <= MAX_BYTES);
  const value = scratch.take();
  for (let i = start; i < end; i++) {
    const record = records[i];
    if (record.chunks !== null) continue;
    const at = ends[i - start];
    record.body = value.subarray(at - record.body.length, at);
  }
  return { value, end };
}

/** Reads the jobs of a segment; `null` when the value is none. */
export function decodeSegment(value: Uint8Array, tube: string): KvRecord[] | null {
  const from = new ByteReader(value);
  const version = from.byte();
  if (!VERSIONS.includes(version)) return null;
  const base = { id: from.uint(), createdAt: from.uint(), hasHistory: version > 1 };
  const records: KvRecord[] = [];
  while (!from.complete) {
    const record = readRecord(from, tube, base);
    if (from.failed) return null;
    record.index = records.length;
    records.push(record);
  }
  return records;
}
