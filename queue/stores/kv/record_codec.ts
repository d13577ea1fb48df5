import { EVENT_KINDS, type JobEvent, NO_EVENTS } from "../../job_event.ts";
import { DEFAULT_PRIORITY } from "../../stored_job.ts";
import type { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import { KvRecord } from "./kv_record.ts";

// Fields that most jobs leave at their defaults are written only when a flag says so.
const PRIORITY = 1;
const READY_AT = 2;
const EXPIRES_AT = 4;
const COUNTERS = 8;
const KEYS = 16;
const REASON = 32;
const CHUNKS = 64;
const LIMITS = 128;

const DEFAULT_TTR_MS = 60_000;

/** What the records of a segment are written relative to. */
export interface RecordBase {
  readonly id: number;
  readonly createdAt: number;
  /** Whether records have histories; those of the first version have none. */
  readonly hasHistory: boolean;
}

/** The most bytes that a record takes. */
export function recordSizeBound(record: KvRecord): number {
  const { key, concurrencyKey, reason } = record;
  const texts = (key?.length ?? 0) + (concurrencyKey?.length ?? 0) + (reason?.length ?? 0);
  const history = record.history.reduce(
    (sum, each) => sum + 20 + 3 * (each.reason?.length ?? 0),
    0,
  );
  return 120 + history + 3 * texts + (record.chunks === null ? record.body.length : 0);
}

function flagsOf(record: KvRecord): number {
  const { attempts, crashes, timeouts, releases, buries, kicks } = record;
  let flags = 0;
  if (record.priority !== DEFAULT_PRIORITY) flags |= PRIORITY;
  if (record.readyAt > 0 || record.delayMs > 0) flags |= READY_AT;
  if (record.expiresAt > 0) flags |= EXPIRES_AT;
  if (attempts + crashes + timeouts + releases + buries + kicks > 0) flags |= COUNTERS;
  if (record.key !== undefined || record.concurrencyKey !== undefined) flags |= KEYS;
  if (record.reason !== undefined) flags |= REASON;
  if (record.chunks !== null) flags |= CHUNKS;
  const { ttrMs, maxAttempts, keepResultMs } = record;
  if (ttrMs !== DEFAULT_TTR_MS || maxAttempts + keepResultMs > 0) flags |= LIMITS;
  return flags;
}

/** Writes a record. */
export function writeRecord(out: ByteWriter, record: KvRecord, base: RecordBase): void {
  const flags = flagsOf(record);
  out.byte(flags);
  out.int(record.id - base.id);
  out.int(Math.floor(record.createdAt) - base.createdAt);
  if (flags & PRIORITY) out.uint(record.priority);
  if (flags & READY_AT) {
    out.uint(Math.ceil(record.readyAt));
    out.uint(Math.ceil(record.delayMs));
  }
  if (flags & EXPIRES_AT) out.uint(Math.ceil(record.expiresAt));
  if (flags & COUNTERS) {
    out.uint(record.attempts);
    out.uint(record.crashes);
    out.uint(record.timeouts);
    out.uint(record.releases);
    out.uint(record.buries);
    out.uint(record.kicks);
    writeHistory(out, record);
  }
  if (flags & KEYS) {
    // Keys are never empty, so that an empty one stands for none.
    out.text(record.key ?? "");
    out.text(record.concurrencyKey ?? "");
  }
  if (flags & REASON) out.text(record.reason!);
  if (flags & LIMITS) {
    out.uint(Math.ceil(record.ttrMs));
    out.uint(record.maxAttempts);
    out.uint(Math.ceil(record.keepResultMs));
  }
  if (record.chunks === null) {
    out.bytes(record.body);
  } else {
    out.uint(record.chunks.id);
    out.uint(record.chunks.count);
  }
}

/** What happened to a job: something has been counted then, so there are always counters before. */
function writeHistory(out: ByteWriter, { history, createdAt }: KvRecord): void {
  out.uint(history.length);
  for (const { kind, at, attempts, reason } of history) {
    out.byte(EVENT_KINDS.indexOf(kind));
    out.int(Math.floor(at) - Math.floor(createdAt));
    out.uint(attempts);
    out.text(reason ?? "");
  }
}

function readHistory(from: ByteReader, createdAt: number): readonly JobEvent[] {
  const count = from.uint();
  if (count === 0) return NO_EVENTS;
  const history: JobEvent[] = [];
  for (let i = 0; i < count && !from.failed; i++) {
    const kind = EVENT_KINDS[from.byte()] ?? "released";
    const [at, attempts] = [createdAt + from.int(), from.uint()];
    history.push({ kind, at, attempts, reason: from.text() || undefined });
  }
  return history;
}

/** Reads a record of a tube; its state is left to the reader. */
export function readRecord(from: ByteReader, tube: string, base: RecordBase): KvRecord {
  const flags = from.byte();
  const record = new KvRecord(base.id + from.int(), tube, EMPTY);
  record.createdAt = base.createdAt + from.int();
  record.priority = flags & PRIORITY ? from.uint() : DEFAULT_PRIORITY;
  if (flags & READY_AT) {
    record.readyAt = from.uint();
    record.delayMs = from.uint();
  }
  if (flags & EXPIRES_AT) record.expiresAt = from.uint();
  if (flags & COUNTERS) {
    record.attempts = from.uint();
    record.crashes = from.uint();
    record.timeouts = from.uint();
    record.releases = from.uint();
    record.buries = from.uint();
    record.kicks = from.uint();
    if (base.hasHistory) record.history = readHistory(from, record.createdAt);
  }
  if (flags & KEYS) {
    record.key = from.text() || undefined;
    record.concurrencyKey = from.text() || undefined;
  }
  if (flags & REASON) record.reason = from.text();
  record.ttrMs = flags & LIMITS ? from.uint() : DEFAULT_TTR_MS;
  if (flags & LIMITS) {
    record.maxAttempts = from.uint();
    record.keepResultMs = from.uint();
  }
  if (flags & CHUNKS) record.chunks = { id: from.uint(), count: from.uint() };
  else record.body = from.bytes();
  return record;
}

const EMPTY = new Uint8Array();
