import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Outbox, PeerTable } from "../../loop/mod.ts";
import { ReplyWriter } from "../../modstamp/_reply_writer.ts";
import { decodeMessages, type Encryptor, type Message } from "../../modstamp/mod.ts";
import { anyId } from "./messages.ts";
import { message } from "./wire.ts";

const LETTER = "R".charCodeAt(0);
const PEER = 0;

/** Packets queued in an outbox. */
function packetsOf(outbox: Outbox): Uint8Array[] {
  return Array.from({ length: outbox.count }, (_, i) => {
    assertEquals(outbox.targets[i], PEER);
    const start = outbox.starts[i]!;
    return outbox.bytes.slice(start, start + outbox.lengths[i]!);
  });
}

function makeOutbox(options: { maxBytes?: number; maxQueued?: number } = {}): Outbox {
  const peers = new PeerTable();
  peers.internAddress("127.0.0.1", 1);
  return new Outbox({ peers, ...options });
}

interface Writing {
  outbox: Outbox;
  encryptor?: Encryptor;
  packetBytes?: number;
  admit?: (peer: number, bytes: number) => boolean;
  onFull?: () => void;
}

function write(replies: readonly Message[], writing: Writing): Uint8Array[] {
  const { outbox, encryptor = null, packetBytes = 1300 } = writing;
  const writer = new ReplyWriter({
    packetBytes,
    admit: writing.admit ?? (() => true),
    onFull: writing.onFull ?? (() => {}),
  });
  writer.begin(outbox, { peer: PEER, encryptor, session: undefined });
  for (const { id, value } of replies) {
    const bytes = new TextEncoder().encode(`<${id}>`);
    writer.add(LETTER, { bytes, start: 1, end: bytes.length - 1 }, value);
  }
  writer.end();
  return packetsOf(outbox);
}

/** Puts a header of eight bytes before a body. */
const marking: Encryptor = {
  signature: "t",
  keyId: "marked",
  overheadBytes: 8,
  matches: () => false,
  decrypt: () => ({ ok: false, reason: "forged" }),
  encrypt: (body) => Uint8Array.from([7, ...new TextEncoder().encode("tmarked"), ...body]),
};

const replies = fc.array(
  fc.record({
    kind: fc.constant("reply" as const),
    id: anyId,
    value: fc.uint8Array({ maxLength: 255, size: "max" }),
  }),
  { maxLength: 30, size: "max" },
);

for (const encryptor of [undefined, marking]) {
  const name = encryptor === undefined ? "plain" : "encrypted";
  Deno.test(`ReplyWriter packs ${name} replies in order, as many as fit`, () => {
    fc.assert(
      fc.property(replies, fc.integer({ min: 800, max: 3000 }), (replies, packetBytes) => {
        const packets = write(replies, { outbox: makeOutbox(), encryptor, packetBytes });
        const bodies = packets.map((packet) => packet.subarray(1 + packet[0]!));
        const found = bodies.map((body) => {
          const decoded = decodeMessages(body);
          assert(decoded.ok && decoded.skipped === 0 && decoded.messages.length > 0);
          return decoded.messages;
        });
        assertEquals(found.flat(), replies);
        for (const [i, packet] of packets.entries()) {
          assert(packet.length <= packetBytes);
          const next = found[i + 1]?.[0];
          if (next === undefined) continue;
          assert(packet.length + 4 + next.id.length + next.value.length > packetBytes);
        }
      }),
    );
  });
}

Deno.test("ReplyWriter queues nothing when there is no reply", () => {
  assertEquals(write([], { outbox: makeOutbox() }), []);
});

Deno.test("ReplyWriter drops a packet that is not admitted", () => {
  const asked: number[] = [];
  const packets = write([message("reply", "a", "x".repeat(200)), message("reply", "b", "y")], {
    outbox: makeOutbox(),
    packetBytes: 210,
    admit: (peer, bytes) => {
      asked.push(peer, bytes);
      return asked.length > 2;
    },
  });
  assertEquals(asked, [PEER, 206, PEER, 7]);
  assertEquals(packets.map((packet) => packet.length), [7]);
});

Deno.test("ReplyWriter tells when the outbox is full", () => {
  let full = 0;
  const onFull = (): void => void full++;
  const outbox = makeOutbox({ maxQueued: 1 });
  const long = message("reply", "a", "x".repeat(200));
  assertEquals(write([long, long], { outbox, packetBytes: 250, onFull }).length, 1);
  assertEquals(full, 1);
  assertEquals(write([long], { outbox, encryptor: marking, onFull }).length, 1);
  assertEquals(full, 2);
});
