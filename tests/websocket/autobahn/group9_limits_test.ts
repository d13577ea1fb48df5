import { assertEquals } from "@std/assert";
import type { NetworkFaults } from "../../../loop/mod.ts";
import { binary, close, frame, more, text } from "../wire/masked_frame.ts";
import { WsScene } from "../wire/ws_scene.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
/** Large segments and no delay to speak of, as the size of messages is what counts here. */
const WIDE: NetworkFaults = { maxSegmentBytes: 131_072, windowBytes: 1_048_576, maxDelayMs: 0.6 };

/** The echo of a message is the message. */
function echoes(
  id: string,
  what: string,
  test: {
    opcode: 1 | 2;
    payload: Uint8Array<ArrayBuffer>;
    pieces: () => Uint8Array[];
    faults?: NetworkFaults;
  },
): void {
  Deno.test(`WsServer passes case ${id} when ${what}`, async () => {
    await using scene = await WsScene.open(undefined, { faults: test.faults ?? WIDE });
    const client = await scene.client();
    for (const piece of test.pieces()) client.stream.write(piece);
    await scene.network.until(() => client.frames.length > 0);
    assertEquals(client.frames[0].opcode, test.opcode);
    // A comparison of many million bytes by assertEquals takes seconds.
    assertEquals(client.frames[0].payload.length, test.payload.length);
    assertEquals(indexOfDifference(client.frames[0].payload, test.payload), -1);
    client.stream.write(close(1000));
    await scene.network.until(() => client.closed);
    assertEquals(client.lines.slice(1), ["close:1000"]);
    assertEquals(scene.server.stats().unfinishedBytes, 0);
  });
}

function indexOfDifference(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < b.length; i++) if (a[i] !== b[i]) return i;
  return -1;
}

/** ASCII that differs from place to place. */
function letters(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = 97 + (i * 7 + (i >> 9)) % 26;
  return bytes;
}

const TEXT = letters(16 * MIB);

function fragments(opcode: 1 | 2, payload: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const options = { fin: at + size >= payload.length };
    const piece = payload.subarray(at, at + size);
    pieces.push(at === 0 ? frame(opcode, piece, options) : more(piece, options));
  }
  return pieces;
}

const KINDS = [["text", 1, 9.1, 9.3, 9.5], ["binary", 2, 9.2, 9.4, 9.6]] as const;

for (const [kind, opcode, whole, inFragments, inChops] of KINDS) {
  const send = opcode === 1 ? text : binary;
  for (const [i, size] of [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB].entries()) {
    const payload = TEXT.subarray(0, size);
    echoes(`${whole}.${i + 1}`, `a ${kind} message of ${size} bytes comes`, {
      opcode,
      payload,
      pieces: () => [send(payload)],
    });
  }
  const sizes = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
  for (const [i, size] of sizes.entries()) {
    const payload = TEXT.subarray(0, 4 * MIB);
    echoes(`${inFragments}.${i + 1}`, `4 MiB of ${kind} come in fragments of ${size} bytes`, {
      opcode,
      payload,
      pieces: () => fragments(opcode, payload, size),
    });
  }
  for (const [i, size] of [64, 128, 256, 512, 1024, 2048].entries()) {
    const payload = TEXT.subarray(0, MIB);
    echoes(`${inChops}.${i + 1}`, `1 MiB of ${kind} comes in chops of at most ${size} bytes`, {
      opcode,
      payload,
      pieces: () => [send(payload)],
      faults: { ...WIDE, maxSegmentBytes: size },
    });
  }
}

for (const [kind, opcode, group] of [["text", 1, 9.7], ["binary", 2, 9.8]] as const) {
  for (const [i, size] of [0, 16, 64, 256, 1024, 4096].entries()) {
    Deno.test(`WsServer passes case ${group}.${i + 1} when 1000 ${kind} messages of ${size} bytes come one by one`, async () => {
      await using scene = await WsScene.open(undefined, { faults: WIDE });
      const client = await scene.client();
      const message = frame(opcode, letters(size));
      for (let count = 1; count <= 1000; count++) {
        client.stream.write(message);
        await scene.network.until(() => client.frames.length === count);
      }
      const expected = letters(size).toHex();
      for (const each of client.frames) {
        assertEquals([each.opcode, each.payload.toHex()], [opcode, expected]);
      }
    });
  }
}
