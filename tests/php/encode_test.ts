import { assertEquals, assertThrows } from "@std/assert";
import {
  decode,
  encode,
  PhpArray,
  PhpBytes,
  PhpCustom,
  PhpEnum,
  PhpFloat,
  PhpObject,
  PhpReference,
  type PhpSlot,
  type PhpValue,
} from "../../php/mod.ts";
import { bytes, text } from "./text.ts";

function written(value: PhpSlot): string {
  return text(encode(value));
}

const BINARY = new PhpBytes(new Uint8Array([0xff]));

Deno.test("encode() writes scalars", () => {
  assertEquals(written(null), "N;");
  assertEquals(written(true), "b:1;");
  assertEquals(written(false), "b:0;");
  assertEquals(written(new PhpFloat(0.5)), "d:0.5;");
  assertEquals(written("žluť"), 's:6:"žluť";');
  assertEquals(written("a".repeat(100)), `s:100:"${"a".repeat(100)}";`);
  assertEquals(encode(BINARY), Uint8Array.of(...bytes('s:1:"'), 255, ...bytes('";')));
});

Deno.test("encode() writes integers of all lengths", () => {
  for (let exponent = 0n; exponent < 63n; exponent++) {
    for (const value of [2n ** exponent, 10n ** (exponent % 19n) - 1n, -(2n ** exponent)]) {
      assertEquals(written(value), `i:${value};`);
      if (Number.isSafeInteger(Number(value))) assertEquals(written(Number(value)), `i:${value};`);
    }
  }
});

Deno.test("encode() leaves out what was removed", () => {
  const array = PhpArray.list(["a", "b", "c"]);
  array.delete(1);
  assertEquals(written(array), 'a:2:{i:0;s:1:"a";i:2;s:1:"c";}');
});

Deno.test("encode() numbers a reference once and an object each time", () => {
  const reference = new PhpReference(1);
  const object = new PhpObject("A");
  const last = new PhpObject("B");
  assertEquals(
    written(PhpArray.list([reference, reference, object, object, last, last])),
    'a:6:{i:0;i:1;i:1;R:2;i:2;O:1:"A":0:{}i:3;r:3;i:4;O:1:"B":0:{}i:5;r:5;}',
  );
});

Deno.test("encode() keeps an object and a reference to it apart", () => {
  const object = new PhpObject("A");
  const reference = new PhpReference(object);
  const array = PhpArray.list([object, reference, reference]);
  assertEquals(written(array), 'a:3:{i:0;O:1:"A":0:{}i:1;r:2;i:2;R:3;}');
});

Deno.test("encode() writes an array twice when it stands in two places", () => {
  const array = PhpArray.list([1]);
  assertEquals(
    written(PhpArray.list([array, array])),
    "a:2:{i:0;a:1:{i:0;i:1;}i:1;a:1:{i:0;i:1;}}",
  );
});

Deno.test("encode() writes names of classes and cases that aren't UTF-8", () => {
  const value = PhpArray.list([new PhpObject(BINARY), new PhpEnum(BINARY, BINARY)]);
  const result = decode(encode(value));
  assertEquals(result.ok && encode(result.value), encode(value));
});

Deno.test("encode() numbers a payload anew when its object stands elsewhere", () => {
  const object = new PhpObject("A");
  const payload = encode(PhpArray.list([object, object]));
  const custom = new PhpCustom("C", payload);
  const after = new PhpObject("B");
  assertEquals(
    written(PhpArray.list([1, custom, after, after])),
    'a:4:{i:0;i:1;i:1;C:1:"C":30:{a:2:{i:0;O:1:"A":0:{}i:1;r:5;}}i:2;O:1:"B":0:{}i:3;r:7;}',
  );
});

Deno.test("encode() counts the bytes of nested payloads", () => {
  let custom = new PhpCustom("C", bytes('s:6:"žluť";'));
  for (let depth = 0; depth < 40; depth++) custom = new PhpCustom("C", encode(custom));
  const bytesOfAll = encode(custom);
  const result = decode(bytesOfAll);
  assertEquals(result.ok && encode(result.value), bytesOfAll);
});

Deno.test("encode() refuses a payload with numbers when they no longer lead to the same", () => {
  const result = decode(bytes('a:2:{i:0;O:1:"A":0:{}i:1;C:1:"B":6:{x:r:2;}}'));
  const array = (result as { value: PhpArray }).value;
  assertEquals(written(array), 'a:2:{i:0;O:1:"A":0:{}i:1;C:1:"B":6:{x:r:2;}}');
  assertThrows(() => encode(array.get(1)!), RangeError, 'an object of class "B" at another place');
});

Deno.test("encode() throws when a value is none of PHP", () => {
  const wrong: [unknown, string][] = [
    [undefined, "a value of type undefined"],
    [{}, "a value of type object that is no PHP value"],
    [new Date(0), "a value of type object that is no PHP value"],
    [() => 1, "a value of type function"],
    [Symbol("a"), "a value of type symbol"],
    ["\ud800", "half of a surrogate pair"],
  ];
  for (const [value, message] of wrong) {
    assertThrows(() => encode(value as PhpValue), TypeError, message);
  }
  assertThrows(() => encode(0.5), RangeError, "Cannot take 0.5 as an integer of PHP: use PhpFloat");
  assertThrows(() => encode(2n ** 63n), RangeError, "more than 64 bits");
});

Deno.test("encode() throws when an array contains itself", () => {
  const array = new PhpArray();
  array.set(0, array);
  assertThrows(() => encode(array), RangeError, "nested deeper than 512 levels, or holding itself");
  assertThrows(() => encode(PhpArray.list([]), { maxDepth: 0 }), RangeError, "than 0 levels");
});
