import { assert, assertEquals } from "@std/assert";
import { encodeRingMessage, RingDecoder } from "../../../queue/messaging/ring_frame.ts";
import vectors from "../../vectors/ring.json" with { type: "json" };

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function join(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The messages in a stream that is cut into pieces. */
function decode(stream: Uint8Array, piece: number, maxBytes = 1_000_000): Uint8Array[] {
  const decoder = new RingDecoder(maxBytes);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += piece) {
    assertEquals(decoder.push(stream.subarray(at, at + piece), messages), { ok: true });
  }
  return messages;
}

const SMALL = vectors.small.messages_hex.map(fromHex);

Deno.test("encodeRingMessage() writes what Ring writes", () => {
  assertEquals(join(SMALL.map(encodeRingMessage)), fromHex(vectors.small.wire_hex));
  assertEquals(encodeRingMessage(new Uint8Array(0)), new Uint8Array([0, 0, 0, 0, 5]));
  const frames: { flags: number; length: number }[] = [];
  for (const length of vectors.large.message_lengths) {
    const stream = encodeRingMessage(new Uint8Array(length));
    const view = new DataView(stream.buffer);
    for (let at = 0; at < stream.length; at += view.getUint32(at + 1)) {
      frames.push({ flags: stream[at], length: view.getUint32(at + 1) });
    }
  }
  assertEquals(frames, vectors.large.frames);
});

Deno.test("RingDecoder.push() reads messages however the stream is cut", () => {
  const messages = [...SMALL, new Uint8Array(0), new Uint8Array(300_000).fill(7)];
  const stream = join(messages.map(encodeRingMessage));
  for (const piece of [1, 7, 65_536, stream.length]) {
    assertEquals(decode(stream, piece), messages);
  }
});

Deno.test("RingDecoder.push() tells what is wrong with a frame", () => {
  const wrong = [[2, 0, 0, 0, 5], [0, 0, 0, 0, 4], [0, 0, 2, 0, 1], [0, 0, 0, 0, 16]];
  for (const bytes of wrong) {
    const result = new RingDecoder(10).push(new Uint8Array(bytes), []);
    assert(!result.ok && result.reason.startsWith("Cannot read"));
  }
});
