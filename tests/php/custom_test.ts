import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { decode, PhpCustom } from "../../php/mod.ts";
import { bytes, text } from "./text.ts";

Deno.test("PhpCustom.value is what a payload that was read holds", () => {
  const result = decode(bytes('C:3:"Foo":7:{i:1234;}'));
  assert(result.ok);
  assertInstanceOf(result.value, PhpCustom);
  assertEquals(result.value.value, 1234);
  assertEquals(text(result.value.payload), "i:1234;");
  assertEquals(new PhpCustom("Foo", bytes("i:1234;")).value, undefined);
});

Deno.test("PhpCustom.constructor() throws when the name is none of a class", () => {
  assertThrows(() => new PhpCustom("a b", new Uint8Array()), SyntaxError, '"a b"');
});
