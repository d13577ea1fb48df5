import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { EVENT_KINDS } from "../../queue/job_event.ts";
import type { JobOutcome, NewJob } from "../../queue/mod.ts";
import { ByteWriter } from "../../queue/stores/kv/byte_writer.ts";
import { KvRecord } from "../../queue/stores/kv/kv_record.ts";
import { decodeLedger, encodeLedger } from "../../queue/stores/kv/ledger_codec.ts";
import { decodeOutcome, encodeOutcome } from "../../queue/stores/kv/outcome_codec.ts";
import { decodeParcel, writeParcelJob } from "../../queue/stores/kv/parcel_codec.ts";
import { Segment } from "../../queue/stores/kv/segment.ts";
import { decodeSegment, encodeSegment } from "../../queue/stores/kv/segment_codec.ts";

const numRuns = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 1000);
const scratch = new ByteWriter(1024);

const count = fc.oneof(fc.nat(3), fc.maxSafeNat().map((n) => n % 2 ** 40));
const time = fc.integer({ min: 0, max: 2 ** 42 });
const text = fc.string({ minLength: 1, maxLength: 20, unit: "binary" });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const history = fc.array(
  fc.record({
    kind: fc.constantFrom(...EVENT_KINDS),
    at: time,
    attempts: fc.nat(100),
    reason: maybe(text),
  }),
  { maxLength: 8 },
);

/** Jobs as they may be stored. */
const record = fc.record({
  id: fc.integer({ min: 1, max: 2 ** 50 }),
  body: fc.uint8Array({ maxLength: 200 }),
  chunks: fc.option(fc.record({ id: count, count: fc.nat(300) })),
  fields: fc.record({
    priority: fc.nat(0xffff_ffff),
    createdAt: time,
    readyAt: time,
    delayMs: fc.nat(),
    expiresAt: time,
    ttrMs: fc.nat(),
    maxAttempts: fc.nat(0xffff_ffff),
    keepResultMs: fc.nat(),
    key: maybe(text),
    concurrencyKey: maybe(text),
    reason: maybe(text),
  }, { requiredKeys: ["createdAt"] }),
  counters: fc.record({
    attempts: fc.integer({ min: 1, max: 2 ** 32 }),
    crashes: fc.nat(9),
    timeouts: count,
    releases: count,
    buries: count,
    kicks: count,
    history,
  }, { requiredKeys: ["attempts"] }),
  isNew: fc.boolean(),
}).map(({ id, body, chunks, fields, counters, isNew }) => {
  const made = new KvRecord(id, "tube", chunks === null ? body : new Uint8Array());
  Object.assign(made, { priority: 1024, ttrMs: 60_000 }, fields, isNew ? {} : counters);
  made.chunks = chunks;
  return made;
});

/** Right bytes of which some are changed, left out, doubled or cut off; or none of them right. */
function damaged(right: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), fc.nat(255), fc.nat(3));
  const mutated = fc.tuple(right, fc.array(change, { maxLength: 4 })).map(([value, changes]) => {
    const bytes = [...value];
    for (const [place, byte, kind] of changes) {
      const at = place % (bytes.length + 1);
      if (kind === 0) bytes.splice(at, 1, byte);
      else if (kind === 1) bytes.splice(at, 1);
      else if (kind === 2) bytes.splice(at, 0, ...bytes.slice(at, at + 10));
      else bytes.length = at;
    }
    return Uint8Array.from(bytes);
  });
  return fc.oneof(mutated, fc.uint8Array({ maxLength: 100 }));
}

function survives(values: fc.Arbitrary<Uint8Array>, decode: (value: Uint8Array) => unknown): void {
  fc.assert(fc.property(damaged(values), (value) => void decode(value)), { numRuns });
}

/** A record without what is known only in memory. */
function plain({ id, tube, body, chunks, ...rest }: KvRecord): unknown {
  const { segment: _, index: __, changing: ___, place: ____, state: _____, ...stored } = rest;
  return { id, tube, body: [...body], chunks, ...stored };
}

const segments = fc.array(record, { minLength: 1, maxLength: 5 });

Deno.test("decodeSegment() gives what encodeSegment() has written", () => {
  fc.assert(
    fc.property(segments, (records) => {
      const expected = records.map(plain);
      const { value, end } = encodeSegment(records, 0, scratch);
      assertEquals(end, records.length);
      assertEquals(decodeSegment(value, "tube")!.map(plain), expected);
    }),
    { numRuns },
  );
});

Deno.test("decodeSegment() survives anything", () => {
  const values = segments.map((records) => encodeSegment(records, 0, scratch).value);
  survives(values, (value) => decodeSegment(value, "tube"));
});

const segment = fc.tuple(
  segments,
  fc.constantFrom("ready", "delayed", "buried" as const),
  fc.array(fc.nat(4)),
  fc.array(fc.nat(4)),
  fc.option(fc.uint8Array()),
).map(([records, state, gone, started, inline]) => {
  const made = new Segment(7, "tube", state, 3);
  made.inline = inline;
  made.bytes = 1000;
  for (const record of records) made.include(record);
  for (const i of started) if (i < records.length) made.start(records[i]);
  for (const i of gone) if (i < records.length && made.owns(i)) made.exclude(records[i]);
  made.out = 0;
  return made;
});

Deno.test("decodeLedger() gives what encodeLedger() has written", () => {
  fc.assert(
    fc.property(segment, (segment) => {
      const decoded = decodeLedger(encodeLedger(segment, [], scratch), segment.seq)!;
      assertEquals({ ...decoded }, { ...segment, jobs: null });
    }),
    { numRuns },
  );
});

Deno.test("decodeLedger() survives anything", () => {
  const values = segment.map((segment) => encodeLedger(segment, [], scratch));
  survives(values, (value) => decodeLedger(value, 7));
});

const NOW = 1000;
const newJob: fc.Arbitrary<NewJob> = fc.record({
  tube: text,
  body: fc.uint8Array({ maxLength: 100 }),
  priority: fc.nat(0xffff_ffff),
  delayMs: fc.nat(),
  ttlMs: fc.nat(),
  ttrMs: fc.nat(),
  maxAttempts: fc.nat(1000),
  key: maybe(text),
  concurrencyKey: maybe(text),
  keepResultMs: fc.nat(),
});

function parcelOf(jobs: NewJob[]): Uint8Array {
  scratch.reset();
  for (const job of jobs) writeParcelJob(scratch, job, NOW);
  return scratch.take();
}

Deno.test("decodeParcel() gives what writeParcelJob() has written", () => {
  fc.assert(
    fc.property(fc.array(newJob, { maxLength: 4 }), (jobs) => {
      assertEquals(decodeParcel(parcelOf(jobs), NOW), jobs);
    }),
    { numRuns },
  );
});

Deno.test("decodeParcel() survives anything", () => {
  survives(fc.array(newJob, { maxLength: 4 }).map(parcelOf), (value) => decodeParcel(value, NOW));
});

const outcome: fc.Arbitrary<JobOutcome> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 50 }).map((result) => ({
    state: "completed" as const,
    result,
  })),
  fc.constant({ state: "completed" as const, result: undefined }),
  maybe(text).map((reason) => ({ state: "buried" as const, reason })),
  fc.constantFrom({ state: "deleted" as const }, { state: "expired" as const }),
);

Deno.test("decodeOutcome() gives what encodeOutcome() has written, and survives anything", () => {
  fc.assert(
    fc.property(outcome, (outcome) => {
      assertEquals(decodeOutcome(encodeOutcome(outcome, NOW + 1), NOW), outcome);
      assertEquals(decodeOutcome(encodeOutcome(outcome, NOW), NOW), null);
    }),
    { numRuns },
  );
  survives(
    outcome.map((outcome) => encodeOutcome(outcome, NOW)),
    (value) => decodeOutcome(value, 0),
  );
});
