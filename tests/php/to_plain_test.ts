import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  fromPlain,
  PhpArray,
  PhpBytes,
  PhpCustom,
  PhpEnum,
  PhpFloat,
  PhpObject,
  PhpReference,
  type PhpValue,
  type Plain,
  toPlain,
} from "../../php/mod.ts";

const BINARY = new PhpBytes(new Uint8Array([0xff]));

Deno.test("toPlain() makes scalars, lists and maps plain", () => {
  const array = new PhpArray([
    ["list", PhpArray.list([1, 2n ** 60n, new PhpFloat(0.5), "a", null, true])],
    ["empty", new PhpArray()],
    [7, new PhpArray([[1, "one"]])],
  ]);
  assertEquals(toPlain(array), {
    list: [1, 2n ** 60n, 0.5, "a", null, true],
    empty: [],
    "7": { "1": "one" },
  });
});

Deno.test("toPlain() leaves what has no faithful plain form", () => {
  const binaryKey = new PhpArray([[BINARY, 1]]);
  const equalKeys = new PhpArray([[1, "a"], ["1", "b"]]);
  const others: PhpValue[] = [
    BINARY,
    new PhpObject("A"),
    new PhpEnum("A", "B"),
    new PhpCustom("A", new Uint8Array()),
    binaryKey,
    equalKeys,
  ];
  const plain = toPlain(PhpArray.list(others)) as Plain[];
  for (const [at, other] of others.entries()) assertStrictEquals(plain[at], other);
  assertStrictEquals(fromPlain(plain[0]), BINARY);
});

Deno.test("toPlain() names properties as PHP code does when the class is in classes", () => {
  const object = new PhpObject(
    "Child",
    new PhpArray([["a", 1], ["\0*\0b", 2], ["\0Child\0c", 3], ["\0Parent\0c", 4]]),
  );
  assertEquals(toPlain(object, { classes: ["Child"] }), { a: 1, b: 2, c: 3, "Parent::c": 4 });
  assertStrictEquals(toPlain(object), object);
  assertEquals(toPlain(new PhpObject("stdClass")), {});
});

Deno.test("toPlain() makes __proto__ a property like any other", () => {
  const inner = new PhpArray([["polluted", true]]);
  const plain = toPlain(new PhpArray([["__proto__", inner]])) as Record<string, Plain>;
  assertEquals(Object.keys(plain), ["__proto__"]);
  assertEquals(plain.polluted, undefined);
  assertStrictEquals(Object.getPrototypeOf(plain), Object.prototype);
});

Deno.test("toPlain() shares what is shared, even when it contains itself", () => {
  const object = new PhpObject("stdClass");
  object.properties.set("self", object);
  const list = new PhpReference(PhpArray.list([object]));
  const plain = toPlain(PhpArray.list([list, list])) as Record<string, Plain>[][];
  assertStrictEquals(plain[0], plain[1]);
  assertStrictEquals(plain[0]![0]!.self, plain[0]![0]);
});

Deno.test("toPlain() needs no stack when values are nested deeply", () => {
  let value = new PhpArray();
  for (let depth = 0; depth < 100_000; depth++) value = PhpArray.list([value]);
  let plain = toPlain(value) as Plain[];
  let depth = 0;
  for (; plain.length > 0; depth++) plain = plain[0] as Plain[];
  assertEquals(depth, 100_000);
});
