import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { PhpArray, PhpBytes, type PhpKey, PhpReference } from "../../php/mod.ts";

const BINARY = new PhpBytes(new Uint8Array([0xff]));

Deno.test("PhpArray.set() keeps the place when the key is there", () => {
  const array = new PhpArray([["a", 1], ["b", 2]]);
  assertStrictEquals(array.set("a", 3), array);
  assertEquals([...array], [["a", 3], ["b", 2]]);
});

Deno.test("PhpArray.get() tells integers and equal texts apart", () => {
  const array = new PhpArray([[1, "int"], ["1", "text"], [2n ** 60n, "big"], [BINARY, "bytes"]]);
  assertEquals(array.get(1), "int");
  assertEquals(array.get(1n), "int");
  assertEquals(array.get("1"), "text");
  assertEquals(array.get(2n ** 60n), "big");
  assertEquals(array.get(new PhpBytes(new Uint8Array([0xff]))), "bytes");
  assertEquals(array.get("ÿ"), undefined);
  assertEquals(array.get(0), undefined);
  assertEquals(array.size, 4);
});

Deno.test("PhpArray.get() finds every key when there are many of all types", () => {
  const keys: PhpKey[] = [];
  for (let i = 0; i < 50; i++) keys.push(i * 7, String(i), -(2n ** 60n) + BigInt(i));
  keys.push(BINARY, "__proto__", "constructor", "");
  const array = new PhpArray(keys.map((key, place) => [key, place]));
  assertEquals(keys.map((key) => array.get(key)), keys.map((_, place) => place));
  assertEquals([...array.keys()], keys);
  assertEquals([array.has("s1"), array.has("i7"), array.has(1000)], [false, false, false]);
});

Deno.test("PhpArray.delete() keeps the order of the others when many are removed", () => {
  const expected = new Map<number, number>();
  const array = new PhpArray();
  for (let i = 0; i < 100; i++) {
    array.set(i, i);
    expected.set(i, i);
  }
  for (let i = 0; i < 100; i += 3) {
    assertEquals(array.delete(i), true);
    assertEquals(array.delete(i), false);
    expected.delete(i);
  }
  array.set(0, "again");
  for (let i = 1; i < 100; i += 3) {
    array.delete(i);
    expected.delete(i);
  }
  assertEquals([...array.keys()], [...expected.keys(), 0]);
  assertEquals(array.get(0), "again");
  assertEquals(array.size, expected.size + 1);
});

Deno.test("PhpArray.isList is true only when keys count from zero in order", () => {
  const list = PhpArray.list(["a", "b"]);
  assertEquals(list.isList, true);
  assertEquals(new PhpArray([[1, "a"], [0, "b"]]).isList, false);
  assertEquals(new PhpArray([["0", "a"]]).isList, false);
  assertEquals(new PhpArray().isList, true);
  list.delete(0);
  assertEquals(list.isList, false);
  assertEquals(new PhpArray([["x", 1], [0, 2]]).set("x", 3).isList, false);
});

Deno.test("PhpArray.delete() leaves a list when the last entry goes", () => {
  const list = PhpArray.list(["a", "b"]);
  list.delete(1);
  list.set(1, "c");
  assertEquals([...list], [[0, "a"], [1, "c"]]);
  assertEquals(list.isList, true);
});

Deno.test("PhpArray.set() writes into the reference when one stands there", () => {
  const reference = new PhpReference(1);
  const array = new PhpArray([["a", reference], ["b", reference]]);
  array.set("a", 2);
  assertEquals([...array.values()], [2, 2]);
  assertStrictEquals(array.getReference("b"), reference);
  array.set("a", new PhpReference(3));
  assertEquals([...array.values()], [3, 2]);
  assertEquals(array.getReference("c"), undefined);
});

Deno.test("PhpArray.set() throws when the key is none of PHP", () => {
  const array = new PhpArray();
  assertThrows(() => array.set(1.5, null), RangeError, "Cannot take 1.5 as an integer");
  assertThrows(() => array.set(-0, null), RangeError, "Cannot take -0 as an integer");
  assertThrows(() => array.set(2 ** 53, null), RangeError, "or a bigint");
  assertThrows(() => array.set(2n ** 63n, null), RangeError, "more than 64 bits");
  assertThrows(() => array.set(null as unknown as string, null), TypeError, "of type object");
});
