import { assertEquals } from "@std/assert";
import { SeededRandom } from "../../../loop/mod.ts";
import { MemoryBudget } from "../../../websocket/protocol/memory_budget.ts";
import { binary, close, concat, frame, hex, more, ping, pong, text } from "../wire/masked_frame.ts";
import { LineParser, parse } from "./parse.ts";

Deno.test("FrameParser.next() finds messages and control frames", () => {
  assertEquals(
    parse([concat(text("héllo"), binary(hex("00ff")), ping("a"), pong("b"), close(1000, "bye"))]),
    ["text:héllo", "binary:00ff", "ping:61", "pong:62", "close:1000 bye"],
  );
});

Deno.test("FrameParser.next() finds the same however the bytes are cut", () => {
  const long = "añb".repeat(400);
  const bytes = concat(
    text("short"),
    text(long),
    text(long.slice(0, 100), { fin: false }),
    ping("between"),
    more("", { fin: false }),
    more(long.slice(100), { mask: [1, 2, 3, 4] }),
    binary(new Uint8Array(66_000)),
    close(4000, "€"),
  );
  const whole = parse([bytes]);
  assertEquals(whole.length, 6);
  const random = new SeededRandom(4);
  for (let round = 0; round < 30; round++) {
    const chunks: Uint8Array[] = [];
    const most = [1, 7, 200, 5000, 80_000][round % 5];
    for (let at = 0; at < bytes.length;) {
      const size = 1 + Math.floor(random.next() * most);
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    assertEquals(parse(chunks), whole);
  }
});

Deno.test("FrameParser.next() takes masks off at every alignment and length", () => {
  for (let length = 0; length < 140; length++) {
    const payload = new Uint8Array(length).map((_, i) => 32 + (i * 7) % 90);
    const expected = [`text:${new TextDecoder().decode(payload)}`];
    const mask: [number, number, number, number] = [0x80, 0x41, 0xff, length];
    for (let offset = 0; offset < 5; offset++) {
      const bytes = concat(new Uint8Array(offset), text(payload, { mask }));
      assertEquals(parse([bytes.subarray(offset)]), expected);
    }
  }
});

Deno.test("FrameParser.next() keeps a byte order mark", () => {
  assertEquals(parse([text("\ufeffx")]), ["text:\ufeffx"]);
  assertEquals(parse([text("\ufeff", { fin: false }), more("x")]), ["text:\ufeffx"]);
});

const PROTOCOL_ERRORS: [what: string, bytes: Uint8Array, reason: string][] = [
  ["is not masked", text("a", { mask: null }), "A frame is not masked"],
  ["has a reserved bit", text("a", { rsv: 1 }), "A reserved bit is set"],
  ["marks itself compressed unasked", text("a", { rsv: 4 }), "A reserved bit is set"],
  ["has opcode 3", frame(3), "The opcode of a frame is reserved"],
  ["has opcode 11", frame(11), "The opcode of a frame is reserved"],
  ["cuts a ping", ping("", { fin: false }), "A control frame is fragmented"],
  ["makes a ping long", ping("x".repeat(126)), "A control frame is too long"],
  ["continues nothing", more("a"), "A continuation has no message to continue"],
  [
    "begins a message in another",
    concat(text("a", { fin: false }), text("b")),
    "A message begins inside of another",
  ],
  [
    "takes two bytes for a length of 125",
    hex("82fe007d 00000000"),
    "The length of a frame is not in its shortest form",
  ],
  [
    "takes eight bytes for a length of 65535",
    hex("82ff000000000000ffff 00000000"),
    "The length of a frame is not in its shortest form",
  ],
  [
    "has a length over 63 bits",
    hex("82ff8000000000000000 00000000"),
    "The length of a frame is out of range",
  ],
  ["closes with half a code", frame(8, hex("03")), "A close frame has half a code"],
  ["closes with code 1005", close(1005), "A close frame has a code that may not be sent"],
];
for (const [what, bytes, reason] of PROTOCOL_ERRORS) {
  Deno.test(`FrameParser.next() fails with 1002 when a peer ${what}`, () => {
    assertEquals(parse([bytes]), [`failure:1002 ${reason}`]);
    assertEquals(parse(Array.from(bytes, (byte) => Uint8Array.of(byte))), [
      `failure:1002 ${reason}`,
    ]);
  });
}

Deno.test("FrameParser.next() fails with the second byte when that tells enough", () => {
  assertEquals(parse([hex("8300")]), ["failure:1002 A frame is not masked"]);
});

Deno.test("FrameParser.next() fails with 1009 before a frame that is too long arrives", () => {
  const head = binary(new Uint8Array(200)).subarray(0, 8);
  assertEquals(parse([head], { maxFrameBytes: 199 }), ["failure:1009 A frame is too long"]);
  assertEquals(parse([head], { maxFrameBytes: 200 }), []);
});

Deno.test("FrameParser.next() fails with 1009 when the fragments are too long together", () => {
  const chunks = [text("abc", { fin: false }), more("de", { fin: false }), more("f")];
  assertEquals(parse(chunks, { maxMessageBytes: 5 }), ["failure:1009 A message is too long"]);
  assertEquals(parse(chunks, { maxMessageBytes: 6 }), ["text:abcdef"]);
});

Deno.test("FrameParser.next() fails with 1008 when a message has too many fragments", () => {
  const endless = Array.from({ length: 5 }, () => more("", { fin: false }));
  assertEquals(parse([text("", { fin: false }), ...endless], { maxFragments: 5 }), [
    "failure:1008 A message has too many fragments",
  ]);
});

Deno.test("FrameParser.next() fails with 1007 when a reason is no UTF-8", () => {
  assertEquals(parse([close(1000, hex("ff"))]), ["failure:1007 A reason is not UTF-8"]);
});

Deno.test("FrameParser.next() does not mistake a text after a cut one that has failed", () => {
  assertEquals(parse([text(hex("c3"), { fin: false }), more(hex("28"))]), [
    "failure:1007 A text is not UTF-8",
  ]);
  // ASCII in the middle of a character is wrong as soon as it is there.
  assertEquals(parse([text(hex("c3"), { fin: false }), more("(", { fin: false })]), [
    "failure:1007 A text is not UTF-8",
  ]);
  assertEquals(parse([text("é"), text(hex("c3"), { fin: false }), more(hex("a9")), text("é")]), [
    "text:é",
    "text:é",
    "text:é",
  ]);
});

Deno.test("FrameParser.next() gives the memory of a message back", () => {
  const budget = new MemoryBudget(10_000);
  const parser = new LineParser({ budget });
  parser.push(text("x".repeat(3000), { fin: false }));
  assertEquals(budget.used >= 3000 && budget.used <= 6000, true);
  parser.push(more("y"));
  assertEquals(budget.used, 0);
  parser.push(text("x".repeat(3000), { fin: false }));
  parser.parser.release();
  assertEquals(budget.used, 0);
});

Deno.test("FrameParser.next() fails with 1013 when unfinished messages take too much", () => {
  const budget = new MemoryBudget(5000);
  const [first, second] = [new LineParser({ budget }), new LineParser({ budget })];
  assertEquals(first.push(text("x".repeat(3000), { fin: false })), []);
  assertEquals(second.push(text("x".repeat(3000), { fin: false })), [
    "failure:1013 Too many messages are unfinished",
  ]);
  assertEquals(first.push(more("!")).length, 1);
  assertEquals(budget.used, 0);
});

Deno.test("FrameParser.next() takes no memory for what a head only announces", () => {
  const budget = new MemoryBudget(Infinity);
  const parser = new LineParser({ budget });
  parser.push(binary(new Uint8Array(70_000)).subarray(0, 20));
  assertEquals(budget.used, 1024);
});

Deno.test("FrameParser.rest is what comes behind the frame found last", () => {
  const { parser } = new LineParser();
  parser.start(concat(text("a"), text("b")));
  parser.next();
  assertEquals(parser.rest, text("b"));
});
