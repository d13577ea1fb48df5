import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  PhpArray,
  PhpBytes,
  PhpCustom,
  PhpEnum,
  PhpFloat,
  PhpObject,
  PhpReference,
  type PhpSlot,
  toJson,
  type ToJsonOptions,
} from "../../php/mod.ts";

function refusal(slot: PhpSlot, options?: ToJsonOptions): string {
  const result = toJson(slot, options);
  return result.ok ? "ok" : `${result.error.reason} at ${result.error.path.join(".")}`;
}

Deno.test("toJson() gives what JSON gives back", () => {
  const value = new PhpArray([
    ["list", PhpArray.list([1, new PhpFloat(0.5), "ž", null, true, new PhpArray()])],
    ["__proto__", new PhpArray([["a", 1]])],
    [7, new PhpObject("stdClass", new PhpArray([["\0*\0b", 2]]))],
  ]);
  const result = toJson(value);
  assert(result.ok);
  const text = '{"7":{"b":2},"list":[1,0.5,"ž",null,true,[]],"__proto__":{"a":1}}';
  assertEquals(JSON.stringify(result.value), text);
  assertEquals(JSON.stringify(JSON.parse(text)), text);
});

Deno.test("toJson() refuses what JSON cannot hold and says where", () => {
  const binary = new PhpBytes(new Uint8Array([0xff]));
  const at = (slot: PhpSlot) => new PhpArray([["a", PhpArray.list([1, slot])]]);
  assertEquals(refusal(at(binary)), "A string is not UTF-8 at a.1");
  assertEquals(refusal(at(new PhpFloat(NaN))), "JSON has no NAN at a.1");
  assertEquals(refusal(at(new PhpFloat(-Infinity))), "JSON has no -INF at a.1");
  assertEquals(refusal(at(2n ** 60n)), "Integer 1152921504606846976 is over 53 bits at a.1");
  assertEquals(refusal(at(new PhpObject("A"))), 'Class "A" is not allowed at a.1');
  assertEquals(refusal(at(new PhpEnum("A", "B"))), 'Class "A" is not allowed at a.1');
  assertEquals(
    refusal(at(new PhpCustom("A", new Uint8Array()))),
    'Class "A" is not allowed at a.1',
  );
  assertEquals(
    refusal(at(new PhpArray([[binary, 1]]))),
    "Keys are not UTF-8, or equal as text at a.1",
  );
  assertEquals(
    refusal(new PhpArray([[1, 1], ["1", 1]])),
    "Keys are not UTF-8, or equal as text at ",
  );
});

Deno.test("toJson() writes digits when unsafeIntegers is string", () => {
  const result = toJson(PhpArray.list([2n ** 60n, 5]), { unsafeIntegers: "string" });
  assertEquals(result, { ok: true, value: ["1152921504606846976", 5] });
});

Deno.test("toJson() repeats what is shared", () => {
  const object = new PhpObject("stdClass", new PhpArray([["a", 1]]));
  const reference = new PhpReference("x");
  const result = toJson(PhpArray.list([object, object, reference, reference]));
  assertEquals(result, { ok: true, value: [{ a: 1 }, { a: 1 }, "x", "x"] });
});

Deno.test("toJson() refuses more than the limits, each repetition counted", () => {
  const text = "x".repeat(100);
  const object = new PhpObject("stdClass", PhpArray.list([text, text]));
  const value = PhpArray.list([object, object, object]);
  assertEquals(refusal(value, { maxElements: 9 }), "ok");
  assertEquals(refusal(value, { maxElements: 8 }), "Too many entries at 2");
  assertEquals(refusal(value, { maxCharacters: 606 }), "ok");
  assertEquals(refusal(value, { maxCharacters: 605 }), "Too many characters at 0.1");
  assertEquals(refusal(value, { maxDepth: 2 }), "ok");
  assertEquals(refusal(value, { maxDepth: 1 }), "Nested deeper than 1 levels at 0");
  assertThrows(() => toJson(null, { maxDepth: NaN }), RangeError, "Cannot use NaN as maxDepth");
});

Deno.test("toJson() refuses what contains itself", () => {
  const object = new PhpObject("stdClass");
  object.properties.set("o", object);
  assertEquals(refusal(object, { maxDepth: 3 }), "Nested deeper than 3 levels at o.o.o");
});

Deno.test("toJson() stays within its limits when sharing doubles on every level", () => {
  let object = new PhpObject("stdClass");
  for (let depth = 0; depth < 60; depth++) {
    object = new PhpObject("stdClass", new PhpArray([["a", object], ["b", object]]));
  }
  assertEquals(refusal(object, { maxElements: 10_000 }).startsWith("Too many entries"), true);
});
