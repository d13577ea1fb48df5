import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { LineSplitter } from "../../prefork/_line_splitter.ts";

const encoder = new TextEncoder();

Deno.test("LineSplitter.push() finds the same lines however they arrive", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" }).filter((text) => !/[\r\n\ufeff]/.test(text))),
      fc.integer({ min: 1, max: 7 }),
      (lines, size) => {
        const bytes = encoder.encode(lines.map((line) => `${line}\n`).join(""));
        const found: string[] = [];
        const splitter = new LineSplitter((line) => found.push(line));
        for (let at = 0; at < bytes.length; at += size) {
          splitter.push(bytes.subarray(at, at + size));
        }
        splitter.end();
        assertEquals(found, lines);
      },
    ),
  );
});

Deno.test("LineSplitter.push() breaks endless lines, and takes CR LF for an end", () => {
  const found: string[] = [];
  const splitter = new LineSplitter((line) => found.push(line));
  splitter.push(encoder.encode("x".repeat(40_000)));
  splitter.push(encoder.encode("\r\nrest"));
  splitter.end();
  splitter.end();
  assertEquals(found.map((line) => line.length), [16_384, 16_384, 40_000 - 32_768, 4]);
});
