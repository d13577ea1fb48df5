import { assertEquals } from "@std/assert";
import {
  encodeClose,
  encodeFrame,
  encodeText,
  FrameEncoder,
} from "../../../websocket/protocol/frame_encoder.ts";
import { lineOf, ServerFrames } from "../wire/server_frames.ts";

const LENGTHS = [0, 1, 24, 25, 124, 125, 126, 127, 1000, 65_535, 65_536, 70_000];

for (const length of LENGTHS) {
  Deno.test(`encodeFrame() writes the length when it is ${length}`, () => {
    const payload = new Uint8Array(length).map((_, i) => i);
    const [frame, ...rest] = new ServerFrames().push(encodeFrame(2, payload));
    assertEquals(lineOf(frame), `binary:${payload.toHex()}`);
    assertEquals(rest, []);
  });

  Deno.test(`encodeText() writes the length when it is ${length}`, () => {
    for (const letter of ["a", "é", "€", "\u{1f600}"]) {
      const text = letter.repeat(length / letter.length);
      const [frame] = new ServerFrames().push(encodeText(text));
      assertEquals(lineOf(frame), `text:${text}`);
    }
  });
}

Deno.test("FrameEncoder.text() writes frames one behind the other, whatever they hold", () => {
  const encoder = new FrameEncoder();
  const texts = ["", "a", "é", "x".repeat(24), "x".repeat(23) + "é", "é".repeat(60)];
  texts.push("é".repeat(63), "x".repeat(125), "x".repeat(126), "€".repeat(3000));
  for (const text of texts) encoder.text(text);
  const frames = new ServerFrames().push(encoder.bytes.subarray(0, encoder.at));
  assertEquals(frames.map(lineOf), texts.map((text) => `text:${text}`));
});

Deno.test("FrameEncoder.frame() marks what is compressed", () => {
  const encoder = new FrameEncoder();
  encoder.frame(1, Uint8Array.of(7), { compressed: true });
  assertEquals(encoder.bytes.subarray(0, encoder.at), Uint8Array.of(0xc1, 1, 7));
});

Deno.test("FrameEncoder.hasRoomForText() counts on three bytes a character", () => {
  const encoder = new FrameEncoder();
  assertEquals(encoder.hasRoomForText("€".repeat(21_842)), true);
  assertEquals(encoder.hasRoomForText("€".repeat(21_843)), false);
  encoder.text("€".repeat(21_839));
  assertEquals(encoder.at, 65_521);
  assertEquals(encoder.hasRoomForText("a"), true);
  assertEquals(encoder.hasRoomForText("ab"), false);
  assertEquals(encoder.hasRoomFor(new Uint8Array(5)), true);
  assertEquals(encoder.hasRoomFor(new Uint8Array(6)), false);
});

Deno.test("encodeClose() leaves the code out when there is none", () => {
  assertEquals(encodeClose(1005, ""), new Uint8Array(0));
  assertEquals(encodeClose(1001, "é"), Uint8Array.of(3, 0xe9, 0xc3, 0xa9));
});
