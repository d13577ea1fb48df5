import { assert, assertEquals } from "@std/assert";
import { constants, deflateRawSync } from "node:zlib";
import { MessageInflater } from "../../../websocket/protocol/message_inflater.ts";
import { DeflatePeer } from "../wire/deflate_peer.ts";
import { concat, hex, utf8 } from "../wire/masked_frame.ts";

const MAX = 100_000;

function inflater(noContextTakeover = true, windowBits = 15): MessageInflater {
  return new MessageInflater({ windowBits, noContextTakeover });
}

function textOf(result: Uint8Array | string): string {
  return typeof result === "string" ? result : new TextDecoder().decode(result);
}

function compress(message: Uint8Array): Uint8Array {
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

// The examples of RFC 7692, 7.2.3.
const EXAMPLES: [what: string, payload: string][] = [
  ["one block", "f248cdc9c90700"],
  ["a block that is stored", "000500faff48656c6c6f00"],
  ["a block that ends the stream", "f348cdc9c9070000"],
  ["two blocks", "f24805000000ffffcac9c90700"],
];
for (const [what, payload] of EXAMPLES) {
  Deno.test(`MessageInflater.inflate() reads ${what}`, () => {
    assertEquals(textOf(inflater().inflate(hex(payload), MAX)), "Hello");
    assertEquals(textOf(inflater(false).inflate(hex(payload), MAX)), "Hello");
  });
}

Deno.test("MessageInflater.inflate() reads a message that refers to the one before", () => {
  const taking = inflater(false);
  taking.inflate(hex("f248cdc9c90700"), MAX);
  assertEquals(textOf(taking.inflate(hex("f200110000"), MAX)), "Hello");
  const forgetting = inflater(true);
  forgetting.inflate(hex("f248cdc9c90700"), MAX);
  assertEquals(forgetting.inflate(hex("f200110000"), MAX), "corrupt");
});

Deno.test("MessageInflater.inflate() goes on behind the end of a stream", () => {
  const ended = hex("f348cdc9c90700");
  const message = concat(ended, hex("f248cdc9c90700"));
  assertEquals(textOf(inflater().inflate(message, MAX)), "HelloHello");
  const reference = concat(ended, hex("f200110000"));
  assertEquals(textOf(inflater().inflate(reference, MAX)), "HelloHello");
});

Deno.test("MessageInflater.inflate() refuses a message of very many streams", () => {
  const empty = concat(...Array.from({ length: 1000 }, () => hex("0300")));
  assertEquals(inflater().inflate(empty, MAX), "corrupt");
});

Deno.test("MessageInflater.inflate() keeps up with a peer over many messages", async () => {
  for (const clientWindowBits of [9, 12, 15]) {
    const peer = new DeflatePeer({
      clientNoContextTakeover: false,
      serverNoContextTakeover: true,
      clientWindowBits,
      serverWindowBits: 15,
    });
    const taking = inflater(false, clientWindowBits);
    for (let i = 0; i < 60; i++) {
      const message = utf8(`${i} ${"all work and no play ".repeat(i * i % 200)}${i * 7919}`);
      const result = taking.inflate(await peer.compress(message), MAX);
      assertEquals(textOf(result), new TextDecoder().decode(message));
    }
  }
});

Deno.test("MessageInflater.inflate() reads an empty message", () => {
  assertEquals(inflater().inflate(hex("00"), MAX), new Uint8Array(0));
  assertEquals(inflater().inflate(hex("00"), 0), new Uint8Array(0));
  assertEquals(inflater().inflate(new Uint8Array(0), MAX), new Uint8Array(0));
});

Deno.test("MessageInflater.inflate() stops at the limit", () => {
  const message = compress(new Uint8Array(1000));
  assert(inflater().inflate(message, 1000) instanceof Uint8Array);
  assertEquals(inflater().inflate(message, 999), "too big");
  const bomb = compress(new Uint8Array(50_000_000));
  assertEquals(inflater().inflate(bomb, MAX), "too big");
  assertEquals(inflater(false).inflate(bomb, MAX), "too big");
});

for (const payload of ["ff", "07ffff", "010500", "f2"]) {
  Deno.test(`MessageInflater.inflate() never throws when the payload is ${payload}`, () => {
    const result = inflater().inflate(hex(payload), MAX);
    assert(result === "corrupt" || result instanceof Uint8Array);
  });
}
