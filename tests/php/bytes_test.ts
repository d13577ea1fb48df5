import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { bytesOf, PhpBytes, phpString } from "../../php/mod.ts";

/** Rows of bytes that no UTF-8 encoder writes. */
const INVALID: readonly number[][] = [
  [0x80],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xc3],
  [0xc3, 0x28],
  [0xe0, 0x80, 0x80],
  [0xe0, 0x9f, 0xbf],
  [0xe2, 0x82],
  [0xe2, 0x28, 0xa1],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf0, 0x9f, 0x98],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xff],
];

Deno.test("phpString() gives PhpBytes when the bytes are not UTF-8", () => {
  for (const each of INVALID) {
    const string = phpString(Uint8Array.from([0x61, ...each]));
    assertInstanceOf(string, PhpBytes, String(each));
    assertEquals(bytesOf(string), Uint8Array.from([0x61, ...each]));
    assertThrows(() => new TextDecoder("utf-8", { fatal: true }).decode(string.bytes), TypeError);
  }
});

Deno.test("phpString() gives text when the bytes are UTF-8 at the edges of each length", () => {
  for (
    const code of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfeff, 0xffff, 0x10000, 0x10ffff]
  ) {
    const text = String.fromCodePoint(code) + "a";
    assertEquals(phpString(new TextEncoder().encode(text)), text);
    assertEquals(bytesOf(text), new TextEncoder().encode(text));
  }
});

Deno.test("PhpBytes.constructor() throws when the bytes are UTF-8", () => {
  assertThrows(() => new PhpBytes(new Uint8Array([0x61])), TypeError, "use a string");
});

Deno.test("PhpBytes.toString() shows U+FFFD when a byte is no text", () => {
  assertEquals(`${new PhpBytes(new Uint8Array([0x61, 0xff]))}`, "a\ufffd");
});

Deno.test("bytesOf() throws when the string holds half of a surrogate pair", () => {
  assertThrows(() => bytesOf("a\ud800"), TypeError, "half of a surrogate pair");
});
