import { assertEquals } from "@std/assert";
import { ByteWriter } from "../../../queue/stores/kv/byte_writer.ts";
import { KvRecord } from "../../../queue/stores/kv/kv_record.ts";
import { decodeSegment, encodeSegment } from "../../../queue/stores/kv/segment_codec.ts";

/** A segment as the first version wrote it: a job that was given back, and one that was not. */
const FIRST_VERSION = Uint8Array.fromHex(
  "010780d095ffbc31280000020000010000026e6f04626f6479000202067365636f6e64",
);

function record(change: (record: KvRecord) => void = () => undefined): KvRecord {
  const made = new KvRecord(7, "default", new TextEncoder().encode("body"));
  made.createdAt = 1_700_000_000_000;
  made.priority = 1024;
  made.ttrMs = 60_000;
  change(made);
  return made;
}

function roundTrip(made: KvRecord): KvRecord {
  const { value } = encodeSegment([made], 0, new ByteWriter(65_536));
  return decodeSegment(value, "default")![0];
}

Deno.test("decodeSegment() reads what encodeSegment() has written of a history", () => {
  const made = record((job) => {
    job.attempts = 3;
    job.releases = 9;
    for (let i = 0; i < 9; i++) job.note("released", job.createdAt + i * 1000, `reason ${i} ü`);
    job.note("crashed", job.createdAt - 5);
  });
  const { history } = roundTrip(made);
  assertEquals(history, made.history);
  assertEquals(history.length, 8);
  assertEquals(roundTrip(record()).history, []);
});

Deno.test("encodeSegment() makes no value that is too long of the longest history", () => {
  const made = record((job) => {
    job.body = new Uint8Array(56_000);
    job.releases = 8;
    job.reason = "語".repeat(1024);
    for (let i = 0; i < 8; i++) job.note("released", 2 ** 41, "語".repeat(1024));
  });
  const { value } = encodeSegment([made], 0, new ByteWriter(65_536));
  assertEquals([value.length < 65_536, value.length > 62_000], [true, true]);
});

Deno.test("decodeSegment() reads the first version, which had no histories", () => {
  const [first, second] = decodeSegment(FIRST_VERSION, "default")!;
  assertEquals([first.id, first.attempts, first.releases, first.reason], [7, 2, 1, "no"]);
  assertEquals([first.history, new TextDecoder().decode(first.body)], [[], "body"]);
  assertEquals([second.id, new TextDecoder().decode(second.body)], [8, "second"]);
  assertEquals(decodeSegment(FIRST_VERSION.with(0, 3), "default"), null);
});
