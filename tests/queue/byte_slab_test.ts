import { assertEquals } from "@std/assert";
import { ByteSlab } from "../../queue/byte_slab.ts";

const decoder = new TextDecoder();

Deno.test("ByteSlab.encode() gives each text bytes of its own", () => {
  const slab = new ByteSlab();
  const texts = Array.from({ length: 500 }, (_, i) => `${i} €𝄞 ${"x".repeat(i)}`);
  const all = texts.map((text) => slab.encode(text));
  assertEquals(all.map((bytes) => decoder.decode(bytes)), texts);
});

Deno.test("ByteSlab.copy() is not changed with what it was made from", () => {
  const slab = new ByteSlab();
  for (const length of [0, 1, 1024, 1025, 10_000]) {
    const bytes = new Uint8Array(length).fill(1);
    const copy = slab.copy(bytes);
    bytes.fill(2);
    assertEquals(copy, new Uint8Array(length).fill(1));
  }
});

Deno.test("ByteSlab.take() shares memory among short runs only", () => {
  const slab = new ByteSlab();
  assertEquals(slab.take(1024).buffer, slab.take(1024).buffer);
  assertEquals(slab.take(1025).buffer.byteLength, 1025);
});
