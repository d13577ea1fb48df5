import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { ID_BYTES, isId, latin1 } from "../../modstamp/id.ts";

Deno.test("isId() accepts 1 to 255 of the allowed characters", () => {
  for (const id of ["a", "0", "_", ".", ":", "-", "shop.prices:v1", "a".repeat(255)]) {
    assert(isId(id), id);
  }
});

Deno.test("isId() refuses anything else", () => {
  const others = [
    "",
    "a".repeat(256),
    "two words",
    "line\n",
    "\nline",
    "a\0",
    "š",
    "a/b",
    "a=b",
    "😀",
  ];
  for (const id of others) assertFalse(isId(id), id);
});

Deno.test("ID_BYTES agrees with isId() for each byte", () => {
  for (let byte = 0; byte < 256; byte++) {
    assertEquals(ID_BYTES[byte] === 1, isId(String.fromCharCode(byte)));
  }
});

Deno.test("latin1() gives one character a byte", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), fc.nat(), (bytes, a, b) => {
      const [start, end] = [a % (bytes.length + 1), b % (bytes.length + 1)];
      const text = latin1(bytes, start, end);
      assertEquals(Array.from(text, (char) => char.charCodeAt(0)), [...bytes.subarray(start, end)]);
    }),
  );
});
