import type { NewJob } from "../../stored_job.ts";
import { fillRecord } from "../new_record.ts";
import { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { KvRecord } from "./kv_record.ts";
import { readRecord, writeRecord } from "./record_codec.ts";
import { DEFAULT_TUBE } from "../../stored_job.ts";

const BASE = { id: 0, createdAt: 0, hasHistory: true };

/** Writes a job that waits for the owner of the store to take it in. */
export function writeParcelJob(out: ByteWriter, job: NewJob, wallMs: number): void {
  const tube = job.tube ?? DEFAULT_TUBE;
  // Whoever takes the job in may be another machine: all that both have is the wall clock.
  const time = { wallMs, storeMs: wallMs };
  out.text(tube);
  writeRecord(out, fillRecord(new KvRecord(0, tube, job.body), job, time), BASE);
}

/** Reads the jobs of a parcel, as they are to be pushed now; `null` when it is none. */
export function decodeParcel(value: Uint8Array, wallMs: number): NewJob[] | null {
  const from = new ByteReader(value);
  const jobs: NewJob[] = [];
  while (!from.complete) {
    const record = readRecord(from, from.text(), BASE);
    if (from.failed) return null;
    const { tube, body, priority, ttrMs, maxAttempts, key, concurrencyKey, keepResultMs } = record;
    // A clock that was set back, or is another machine's, makes nothing wait for longer.
    const onItsWayMs = Math.max(0, wallMs - record.createdAt);
    const delayMs = Math.max(0, record.delayMs - onItsWayMs);
    // What has expired on its way is dropped a moment later, and counted so.
    const lifeMs = record.expiresAt - record.createdAt;
    const ttlMs = record.expiresAt > 0 ? Math.max(1, lifeMs - onItsWayMs) : 0;
    // deno-fmt-ignore
    jobs.push({
      tube, body, priority, delayMs, ttlMs, ttrMs, maxAttempts, key, concurrencyKey, keepResultMs,
    });
  }
  return jobs;
}
