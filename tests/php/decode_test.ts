import { Buffer } from "node:buffer";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  decode,
  type DecodeOptions,
  dereference,
  encode,
  PhpArray,
  PhpBytes,
  PhpCustom,
  PhpEnum,
  PhpFloat,
  PhpObject,
  PhpReference,
  type PhpValue,
} from "../../php/mod.ts";
import { bytes, text } from "./text.ts";

/** Decodes what must be right, and checks that the same bytes come out again. */
function read(input: string | Uint8Array, options?: DecodeOptions): PhpValue {
  const encoded = typeof input === "string" ? bytes(input) : input;
  const result = decode(encoded, options);
  if (!result.ok) throw new TypeError(`${result.error.reason} at ${result.error.offset}`);
  assertEquals(text(encode(result.value, { maxDepth: Infinity })), text(encoded));
  return dereference(result.value);
}

function readArray(input: string, options?: DecodeOptions): PhpArray {
  const value = read(input, options);
  assertInstanceOf(value, PhpArray);
  return value;
}

/** What is wrong with the input, as `code offset reason`. */
function fault(input: string, options?: DecodeOptions): string {
  const result = decode(bytes(input), options);
  return result.ok ? "ok" : `${result.error.code} ${result.error.offset} ${result.error.reason}`;
}

Deno.test("decode() reads scalars", () => {
  assertEquals(read("N;"), null);
  assertEquals(read("b:1;"), true);
  assertEquals(read("b:0;"), false);
  assertEquals(read("i:-7;"), -7);
  assertEquals(read('s:6:"žluť";'), "žluť");
  assertEquals(read('s:8:"a";b:"c"";'), 'a";b:"c"');
  assertEquals(read('s:0:"";'), "");
  assertEquals(read('s:4:"\ufeffa";'), "\ufeffa");
});

Deno.test("decode() gives an integer as bigint only when a number isn't exact", () => {
  assertStrictEquals(read("i:9007199254740991;"), Number.MAX_SAFE_INTEGER);
  assertStrictEquals(read("i:9007199254740992;"), 2n ** 53n);
  assertStrictEquals(read("i:-9007199254740991;"), Number.MIN_SAFE_INTEGER);
  assertStrictEquals(read("i:9223372036854775807;"), 2n ** 63n - 1n);
  assertStrictEquals(read("i:-9223372036854775808;"), -(2n ** 63n));
  assertStrictEquals(read("i:100000000000000;"), 1e14);
});

Deno.test("decode() keeps the text of a float", () => {
  for (
    const form of ["0.1", "0.10000000000000001", "1.0E+100", "-0", "NAN", "-INF", "5.", "+.5e3"]
  ) {
    const value = read(`d:${form};`);
    assertInstanceOf(value, PhpFloat);
    assertEquals(value.text, form);
  }
});

Deno.test("decode() gives PhpBytes when a string isn't UTF-8", () => {
  const value = read(Uint8Array.of(...bytes('s:3:"a'), 0xff, 0, ...bytes('";')));
  assertInstanceOf(value, PhpBytes);
  assertEquals([...value.bytes], [0x61, 0xff, 0]);
});

Deno.test("decode() does not keep the input", () => {
  const long = "x".repeat(2000);
  const rest = bytes(`";i:1;C:1:"A":2:{xy}i:2;C:1:"A":2000:{${long}}}`);
  // Buffer.slice() copies nothing, unlike that of its parent class.
  const input = Buffer.from([...bytes('a:3:{i:0;s:1:"'), 0xff, ...rest]);
  const value = decode(input);
  assert(value.ok);
  const before = encode(value.value);
  assertEquals(before, new Uint8Array(input));
  input.fill(0);
  assertEquals(encode(value.value), before);
});

Deno.test("decode() reads strings of all lengths, with and without text beyond ASCII", () => {
  for (const unit of ["a", "ž", "😀", "\u007f\u0080"]) {
    const strings = Array.from({ length: 200 }, (_, i) => unit.repeat(i * i % 3000));
    const value = read(encode(PhpArray.list(strings)));
    assertInstanceOf(value, PhpArray);
    assertEquals([...value.values()], strings);
  }
});

Deno.test("decode() keeps the order and the types of keys", () => {
  const array = readArray('a:5:{i:7;N;s:1:"7";N;s:9:"__proto__";N;i:-1;N;s:0:"";N;}');
  assertEquals([...array.keys()], [7, "7", "__proto__", -1, ""]);
  assertEquals(({} as Record<string, unknown>).N, undefined);
});

Deno.test("decode() reads objects with properties of all visibilities", () => {
  const object = read('O:5:"Child":4:{s:1:"a";i:1;s:4:"~*~b";i:2;s:8:"~Child~c";i:3;i:0;i:4;}');
  assertInstanceOf(object, PhpObject);
  assertEquals(object.className, "Child");
  assertEquals([...object.properties.keys()], ["a", "\0*\0b", "\0Child\0c", 0]);
  assertEquals(object.get("c"), 3);
});

Deno.test("decode() reads enum cases as one value when they are the same", () => {
  const array = readArray('a:3:{i:0;E:11:"Suit:Hearts";i:1;r:2;i:2;E:10:"App\\S:Case";}');
  const [first, second, third] = [...array.values()];
  assertInstanceOf(first, PhpEnum);
  assertEquals([first.className, first.caseName], ["Suit", "Hearts"]);
  assertStrictEquals(second, first);
  assertInstanceOf(third, PhpEnum);
  assertEquals(third.className, "App\\S");
});

Deno.test("decode() gives one object for each place when r: leads to it", () => {
  const array = readArray('a:3:{i:0;O:1:"A":1:{s:1:"o";r:2;}i:1;r:2;i:2;a:1:{i:0;r:2;}}');
  const object = array.get(0);
  assertInstanceOf(object, PhpObject);
  assertStrictEquals(object.get("o"), object);
  assertStrictEquals(array.get(1), object);
  assertStrictEquals((array.get(2) as PhpArray).get(0), object);
});

Deno.test("decode() shares a reference among places when R: leads to one", () => {
  const array = readArray("a:4:{i:0;i:1;i:1;R:2;i:2;i:5;i:3;R:2;}");
  array.set(1, 9);
  assertEquals([...array.values()], [9, 9, 5, 9]);
  assertStrictEquals(array.getReference(0), array.getReference(3));
  assertEquals(array.getReference(2), undefined);
});

Deno.test("decode() numbers r: but not R:", () => {
  const array = readArray('a:5:{i:0;O:1:"A":0:{}i:1;r:2;i:2;R:2;i:3;O:1:"B":0:{}i:4;r:4;}');
  assertEquals((array.get(4) as PhpObject).className, "B");
});

Deno.test("decode() gives a reference when R: leads to the whole", () => {
  const result = decode(bytes('O:1:"A":1:{s:1:"x";R:1;}'));
  assert(result.ok && result.value instanceof PhpReference);
  const object = result.value.value as PhpObject;
  assertStrictEquals(object.get("x"), object);
  assertStrictEquals(object.properties.getReference("x"), result.value);
  assertEquals(text(encode(result.value)), 'O:1:"A":1:{s:1:"x";R:1;}');
});

Deno.test("decode() reads an array that contains itself", () => {
  const array = readArray("a:1:{i:0;a:1:{i:0;R:2;}}");
  const inner = array.get(0) as PhpArray;
  assertStrictEquals(inner.get(0), inner);
});

Deno.test("decode() follows references into a payload and out of it", () => {
  const array = readArray(
    'a:4:{i:0;C:2:"C1":42:{a:2:{i:0;i:1;i:1;O:1:"A":1:{s:1:"x";i:1;}}}i:1;r:5;i:2;O:1:"B":0:{}i:3;r:8;}',
  );
  const custom = array.get(0);
  assertInstanceOf(custom, PhpCustom);
  assertStrictEquals((custom.value as PhpArray).get(1), array.get(1));
  assertStrictEquals(array.get(2), array.get(3));
});

Deno.test("decode() leaves a payload as it is when it isn't one value", () => {
  for (const payload of ["", "abc", '{"a":[1]}', "i:1;x", "a:9:{", "}}", "s:5:", "i:1"]) {
    const custom = read(`C:3:"Foo":${payload.length}:{${payload}}`);
    assertInstanceOf(custom, PhpCustom);
    assertEquals(text(custom.payload), payload);
    assertEquals(custom.value, undefined);
  }
  const array = readArray('a:3:{i:0;C:2:"C2":3:{abc}i:1;O:1:"A":0:{}i:2;r:3;}');
  assertStrictEquals(array.get(1), array.get(2));
});

Deno.test("decode() leaves only the payload as it is that isn't one value when it is nested", () => {
  const inner = 'C:1:"B":4:{i:1x}';
  const outer = readArray(`a:2:{i:0;C:1:"A":${inner.length}:{${inner}}i:1;N;}`).get(0) as PhpCustom;
  const nested = outer.value as PhpCustom;
  assertEquals(text(nested.payload), "i:1x");
  const both = read(`C:1:"A":${inner.length + 1}:{${inner}x}`) as PhpCustom;
  assertEquals(text(both.payload), `${inner}x`);
});

Deno.test("decode() refuses a number that only a payload's class can count", () => {
  assertEquals(
    fault('a:3:{i:0;C:1:"A":6:{x:i:0;}i:1;O:1:"B":0:{}i:2;r:4;}'),
    "malformed 49 Number 4 comes after data that only its class can count",
  );
  readArray('a:3:{i:0;O:1:"B":0:{}i:1;C:1:"A":6:{x:i:0;}i:2;r:2;}');
});

Deno.test("decode() refuses what PHP doesn't write and says where", () => {
  const faults: [string, string][] = [
    ["x:1;", "malformed 0 Expected a value"],
    ["i:+5;", "malformed 2 Expected a number"],
    ["i:-0;", "malformed 2 Zero has a sign"],
    ["i:007;", "malformed 2 A number starts with 0"],
    ["i:-07;", "malformed 3 A number starts with 0"],
    ["i:9223372036854775808;", "malformed 2 An integer has more than 64 bits"],
    ["i:-9223372036854775809;", "malformed 2 An integer has more than 64 bits"],
    ["i:99999999999999999999;", "malformed 2 A number is too long"],
    ["i:1.5;", "malformed 2 Expected a number"],
    ["b:2;", "malformed 2 Expected 0 or 1"],
    ["b:10;", 'malformed 3 Expected ";"'],
    ["d:abc;", "malformed 2 Expected a float"],
    ["d:-NAN;", "malformed 2 Expected a float"],
    ['s:2:"a";', 'malformed 7 Expected "\\""'],
    ['S:1:"a";', "malformed 0 Expected a value"],
    ["s:1:'a';", 'malformed 4 Expected "\\""'],
    ["a:1:{d:1;N;}", "malformed 5 Expected a key"],
    ["a:1:{b:1;N;}", "malformed 5 Expected a key"],
    ["a:2:{i:0;N;i:0;N;}", "malformed 15 A key occurs twice"],
    ['O:1:"A":2:{s:1:"x";N;s:1:"x";N;}', "malformed 29 A key occurs twice"],
    ["a:1:{i:0;N;i:1;N;}", 'malformed 11 Expected "}"'],
    ["a:-1:{}", "malformed 2 Expected a number"],
    ['O:3:"A-B":0:{}', "malformed 2 Expected the name of a class"],
    ['O:0:"":0:{}', "malformed 2 Expected the name of a class"],
    ['E:2:"AB";', "malformed 2 Expected an enum and a case"],
    ['E:3:"A:";', "malformed 2 Expected an enum and a case"],
    ['C:1:"A":2:{xyz}', 'malformed 13 Expected "}"'],
    ["R:1;", "malformed 2 There is no number 1"],
    ["a:1:{i:0;R:2;}", "malformed 11 There is no number 2"],
    ["a:1:{i:0;r:2;}", "malformed 11 There is no number 2"],
    ["a:1:{i:0;r:0;}", "malformed 11 There is no number 0"],
    ["a:2:{i:0;i:1;i:1;r:2;}", "malformed 19 Number 2 is no object"],
    ["a:1:{i:0;r:1;}", "malformed 11 Number 1 is no object"],
    [
      'a:3:{i:0;O:1:"A":0:{}i:1;r:2;i:2;r:3;}',
      "malformed 35 Number 3 is not where the object stands first",
    ],
    ["N;N;", "malformed 2 Data follow the value"],
    ["N;\n", "malformed 2 Data follow the value"],
  ];
  for (const [input, expected] of faults) assertEquals(fault(input), expected, input);
});

Deno.test("decode() calls input incomplete when it only ends too early", () => {
  for (
    const input of [
      "",
      "i",
      "i:",
      "i:1",
      "i:-",
      "d:1",
      "s:5:",
      's:5:"abc',
      's:1:"a"',
      "a:1:{",
      "C:1:",
    ]
  ) {
    assertEquals(fault(input), `incomplete ${bytes(input).length} The input ends too early`, input);
  }
  assertEquals(fault("a:2:{i:0;N;"), "incomplete 11 The input ends too early");
});

Deno.test("decode() starts and ends where it is told", () => {
  const input = bytes('xxi:1;s:1:"a";');
  const first = decode(input, { start: 2, trailing: "allow" });
  assertEquals(first, { ok: true, value: 1, end: 6 });
  const second = decode(input, { start: 6 });
  assertEquals(second, { ok: true, value: "a", end: 14 });
  assertEquals(decode(input, { start: 14 }).ok, false);
});

Deno.test("decode() refuses more than the limits", () => {
  assertEquals(fault('s:5:"abcde";', { maxBytes: 11 }), "limit 11 Longer than 11 bytes");
  assertEquals(fault('s:5:"abcde";', { maxBytes: 12 }), "ok");
  assertEquals(fault("a:1:{i:0;a:0:{}}", { maxDepth: 1 }), "limit 11 Nested deeper than 1 levels");
  assertEquals(fault("a:1:{i:0;a:0:{}}", { maxDepth: 2 }), "ok");
  assertEquals(fault("a:1:{i:0;a:2:{", { maxElements: 2 }), "limit 11 More than 2 entries");
  assertEquals(fault("a:1000000000:{", {}), "limit 2 More than 1000000 entries");
  assertEquals(
    fault("a:3:{i:0;N;i:1;R:2;i:2;R:2;}", { maxReferences: 1 }),
    "limit 25 More than 1 references",
  );
  assertEquals(fault("a:3:{i:0;N;i:1;R:2;i:2;R:2;}", { maxReferences: 2 }), "ok");
  const nested = 'C:1:"A":12:{a:1:{i:0;N;}}';
  assertEquals(fault(nested, { maxDepth: 1 }), "limit 14 Nested deeper than 1 levels");
  assertEquals(fault('C:1:"A":5:{a:9:{}', { maxElements: 1 }), "ok");
});

Deno.test("decode() needs no stack when values are nested deeply", () => {
  const depth = 20_000;
  const input = `${'O:1:"A":1:{i:0;a:1:{i:0;'.repeat(depth)}N;${"}}".repeat(depth)}`;
  read(input, { maxDepth: Infinity });
  assertEquals(fault(input), "limit 6152 Nested deeper than 512 levels");
});

Deno.test("decode() throws when an option is out of range", () => {
  const input = bytes("N;");
  assertThrows(() => decode(input, { maxDepth: -1 }), RangeError, "Cannot use -1 as maxDepth");
  assertThrows(() => decode(input, { maxBytes: 1.5 }), RangeError, "Cannot use 1.5 as maxBytes");
  assertThrows(() => decode(input, { start: 3 }), RangeError, "the input has 2 bytes");
  assertThrows(() => decode(input, { start: -1 }), RangeError, "Cannot start at -1");
});
