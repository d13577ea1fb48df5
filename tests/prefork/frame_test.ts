import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { concat, encodeFrame, FrameKind, FrameReader } from "../../prefork/_frame.ts";

const kind = fc.constantFrom(FrameKind.control, FrameKind.message, FrameKind.publish);

Deno.test("FrameReader.push() finds the same frames however they arrive", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(kind, fc.uint8Array({ maxLength: 50 }))),
      fc.integer({ min: 1, max: 40 }),
      (frames, size) => {
        const bytes = concat(frames.map(([kind, payload]) => encodeFrame(kind, payload)));
        const found: [FrameKind, number[]][] = [];
        const reader = new FrameReader();
        for (let at = 0; at < bytes.length; at += size) {
          const fault = reader.push(
            bytes.slice(at, at + size),
            (kind, payload) => found.push([kind, [...payload]]),
          );
          assertEquals(fault, null);
        }
        assertEquals(found, frames.map(([kind, payload]) => [kind, [...payload]]));
      },
    ),
  );
});

Deno.test("FrameReader.push() never throws, and says what is wrong", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const fault = new FrameReader({ maxBytes: 50 }).push(bytes.slice(), () => {});
      assertEquals(typeof (fault ?? ""), "string");
    }),
  );
  const reader = new FrameReader({ maxBytes: 10 });
  assertStringIncludes(reader.push(encodeFrame(1, new Uint8Array(11)), () => {})!, "too long");
  assertStringIncludes(
    new FrameReader().push(Uint8Array.of(0, 0, 0, 0, 9), () => {})!,
    "unknown kind",
  );
});

Deno.test("FrameReader.push() keeps what it was given when the caller reuses it", () => {
  const reader = new FrameReader();
  const chunk = encodeFrame(FrameKind.message, Uint8Array.of(1, 2, 3, 4)).slice(0, 7);
  reader.push(chunk, () => {});
  chunk.fill(0);
  const found: number[][] = [];
  reader.push(Uint8Array.of(3, 4), (_, payload) => found.push([...payload]));
  assertEquals(found, [[1, 2, 3, 4]]);
});
