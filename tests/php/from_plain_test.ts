import { assertEquals, assertThrows } from "@std/assert";
import {
  encode,
  fromPlain,
  type PhpArray,
  PhpBytes,
  PhpFloat,
  PhpReference,
} from "../../php/mod.ts";
import { text } from "./text.ts";

function written(plain: unknown): string {
  return text(encode(fromPlain(plain)));
}

Deno.test("fromPlain() makes integers of safe integers and floats of all other numbers", () => {
  assertEquals(written([1, 2 ** 53 - 1]), "a:2:{i:0;i:1;i:1;i:9007199254740991;}");
  for (const float of [-0, 0.5, 2 ** 53, NaN, Infinity]) {
    assertEquals(fromPlain(float), new PhpFloat(float));
  }
  assertEquals(fromPlain(5n), 5);
  assertEquals(fromPlain(2n ** 62n), 2n ** 62n);
  assertThrows(() => fromPlain(2n ** 63n), RangeError, "more than 64 bits");
});

Deno.test("fromPlain() makes integers of keys that PHP takes for integers", () => {
  const names = ["7", "-7", "9223372036854775807", "-9223372036854775808"];
  const texts = ["07", "-0", "+7", "1.5", " 7", "9223372036854775808", "", "a"];
  const array = fromPlain(Object.fromEntries([...names, ...texts].map((name) => [name, 1])));
  assertEquals(
    [...(array as PhpArray).keys()],
    [7, -7, 2n ** 63n - 1n, -(2n ** 63n), ...texts],
  );
});

Deno.test("fromPlain() leaves undefined out of objects and makes it null in lists", () => {
  assertEquals(written({ a: undefined, b: null }), 'a:1:{s:1:"b";N;}');
  // deno-lint-ignore no-sparse-arrays
  assertEquals(written([undefined, , 1]), "a:3:{i:0;N;i:1;N;i:2;i:1;}");
});

Deno.test("fromPlain() takes bytes, maps, objects without prototype and PHP values", () => {
  const bytes = new Uint8Array([0x61]);
  const map = new Map<unknown, unknown>([[1, bytes], ["1", new Uint8Array([0xff])]]);
  const array = fromPlain(map) as PhpArray;
  bytes[0] = 0x62;
  assertEquals([...array], [[1, "a"], ["1", new PhpBytes(new Uint8Array([0xff]))]]);
  const reference = new PhpReference(1);
  assertEquals(written(Object.assign(Object.create(null), { a: reference })), 'a:1:{s:1:"a";i:1;}');
  assertEquals(written({ ["__proto__"]: 1 }), 'a:1:{s:9:"__proto__";i:1;}');
});

Deno.test("fromPlain() throws when something has no counterpart in PHP", () => {
  class Point {}
  assertThrows(() => fromPlain(new Date(0)), TypeError, "Cannot convert an object of class Date");
  assertThrows(() => fromPlain([new Point()]), TypeError, "an object of class Point to PHP");
  assertThrows(() => fromPlain(Object.create(Object.create(null))), TypeError, "class undefined");
  assertThrows(() => fromPlain(undefined), TypeError, "a value of type undefined");
  assertThrows(() => fromPlain({ a: () => 1 }), TypeError, "a value of type function");
  assertThrows(() => fromPlain(new Map([[{}, 1]])), TypeError, "Cannot use a key of type object");
});

Deno.test("fromPlain() throws when a value contains itself", () => {
  const list: unknown[] = [];
  list.push(list);
  assertThrows(() => fromPlain(list), RangeError, "nested too deep, or contains itself");
  assertThrows(() => fromPlain({ a: {} }, { maxDepth: 1 }), RangeError, "nested too deep");
  assertEquals(written([[]]), "a:1:{i:0;a:0:{}}");
});
