import { assert, assertEquals } from "@std/assert";
import { ReadBuffer } from "../../../loop/portable/read_buffer.ts";

Deno.test("ReadBuffer.adapt() grows while reads fill it", () => {
  const buffer = new ReadBuffer();
  const sizes: number[] = [];
  for (let i = 0; i < 5; i++) {
    sizes.push(buffer.bytes.length);
    buffer.adapt(buffer.bytes.length);
  }
  assertEquals(sizes, [1024, 4096, 16_384, 65_536, 65_536]);
});

Deno.test("ReadBuffer.adapt() keeps its memory while reads fit", () => {
  const buffer = new ReadBuffer();
  buffer.adapt(1024);
  const { bytes } = buffer;
  for (let i = 0; i < 1000; i++) buffer.adapt(1000);
  assert(buffer.bytes === bytes);
});

Deno.test("ReadBuffer.adapt() shrinks when reads stay small", () => {
  const buffer = new ReadBuffer();
  buffer.adapt(1024);
  buffer.adapt(4096);
  for (let i = 0; i < 15; i++) buffer.adapt(1);
  assertEquals(buffer.bytes.length, 16_384);
  buffer.adapt(16_000);
  for (let i = 0; i < 16; i++) buffer.adapt(1);
  assertEquals(buffer.bytes.length, 4096);
  for (let i = 0; i < 1000; i++) buffer.adapt(1);
  assertEquals(buffer.bytes.length, 1024);
});
