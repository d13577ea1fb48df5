import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  decodeSession,
  type DecodeSessionOptions,
  encodeSession,
  PhpArray,
  PhpBytes,
  PhpObject,
  type SessionHandler,
  SessionNameError,
  toPlain,
} from "../../php/mod.ts";
import vectors from "../vectors/sessions.json" with { type: "json" };
import { bytes, text } from "./text.ts";

function read(input: string | Uint8Array, handler: SessionHandler): PhpArray {
  const encoded = typeof input === "string" ? bytes(input) : input;
  const result = decodeSession(encoded, { handler });
  if (!result.ok) throw new TypeError(result.error.reason);
  return result.value;
}

function fault(input: string, options: DecodeSessionOptions): string {
  const result = decodeSession(bytes(input), options);
  return result.ok ? "ok" : `${result.error.code} ${result.error.offset} ${result.error.reason}`;
}

for (const { note, handler, hex, json } of vectors.php) {
  Deno.test(`encodeSession() writes the same bytes when nothing changed: ${note}`, () => {
    const input = Uint8Array.fromHex(hex);
    const variables = read(input, handler as SessionHandler);
    assertEquals(encodeSession(variables, { handler: handler as SessionHandler }), input);
    if (json !== undefined) assertEquals<unknown>(toPlain(variables), json);
  });

  Deno.test(`encodeSession() leaves the others when one variable is added: ${note}`, () => {
    const variables = read(
      Uint8Array.fromHex(hex),
      "php" === handler ? "php" : handler as SessionHandler,
    );
    variables.set("added", "x");
    const output = encodeSession(variables, { handler: handler as SessionHandler }).toHex();
    const [start, end] = handler === "php_serialize" ? ["613a343a7b", "7d"] : ["", ""];
    const name = {
      php: "added|",
      php_binary: "\x05added",
      php_serialize: 's:5:"added";',
    }[handler]!;
    const before = handler === "php_serialize" ? hex.slice(start.length, -end.length) : hex;
    assertEquals(output, start + before + bytes(`${name}s:1:"x";`).toHex() + end);
  });
}

const EDGES = vectors.php.find(({ note }) => note.startsWith("edge values"))!.hex;

Deno.test("encodeSession() leaves the bytes of all others when a value of equal count changes", () => {
  const before = text(Uint8Array.fromHex(EDGES));
  const variables = read(Uint8Array.fromHex(EDGES), "php");
  variables.set("inf", "changed");
  assertEquals(
    text(encodeSession(variables)),
    before.replace("inf|d:INF;", 'inf|s:7:"changed";'),
  );
});

Deno.test("encodeSession() moves the numbers of references when a variable goes", () => {
  const before = text(Uint8Array.fromHex(EDGES));
  const variables = read(Uint8Array.fromHex(EDGES), "php");
  variables.delete("inf");
  const expected = before.replace("inf|d:INF;", "").replace("R:18;", "R:17;")
    .replaceAll("r:20;", "r:19;");
  assertEquals(text(encodeSession(variables)), expected);
});

Deno.test("encodeSession() writes an object in full where it is met first when a variable goes", () => {
  const variables = read('a|O:1:"A":0:{}b|r:1;c|r:1;', "php");
  variables.delete("a");
  assertEquals(text(encodeSession(variables)), 'b|O:1:"A":0:{}c|r:1;');
});

Deno.test("decodeSession() shares references among variables", () => {
  const variables = read("a|a:1:{i:0;i:1;}b|R:1;", "php");
  assertStrictEquals(variables.getReference("a"), variables.getReference("b"));
  variables.set("a", 5);
  assertEquals(text(encodeSession(variables)), "a|i:5;b|R:1;");
});

Deno.test("decodeSession() numbers the whole first when the handler is php_serialize", () => {
  const variables = read('a:2:{s:1:"a";O:1:"A":0:{}s:1:"b";r:2;}', "php_serialize");
  assertStrictEquals(variables.get("a"), variables.get("b"));
});

Deno.test("decodeSession() keeps names as they are", () => {
  const php = read("7|i:1;|i:2;!u|i:3;__proto__|i:4;", "php");
  assertEquals([...php.keys()], ["7", "", "!u", "__proto__"]);
  const binary = read(Uint8Array.of(1, 0xff, ...bytes("N;"), 0, ...bytes("N;")), "php_binary");
  assertEquals([...binary.keys()], [new PhpBytes(new Uint8Array([0xff])), ""]);
  const whole = read('a:2:{i:7;N;s:1:"|";N;}', "php_serialize");
  assertEquals([...whole.keys()], [7, "|"]);
});

Deno.test("decodeSession() takes nothing at all for an empty session", () => {
  for (const handler of ["php", "php_binary", "php_serialize"] as const) {
    assertEquals(read("", handler).size, 0);
  }
  assertEquals(encodeSession(new PhpArray()).length, 0);
  assertEquals(text(encodeSession(new PhpArray(), { handler: "php_serialize" })), "a:0:{}");
});

Deno.test("decodeSession() refuses what PHP doesn't write and says where", () => {
  assertEquals(fault("a|i:1;b", {}), "incomplete 7 The input ends too early");
  assertEquals(fault("a|i:1;b|x;", {}), "malformed 8 Expected a value");
  assertEquals(fault("a|i:1;a|i:2;", {}), "malformed 8 A key occurs twice");
  assertEquals(fault("\x05ab", { handler: "php_binary" }), "incomplete 3 The input ends too early");
  assertEquals(fault("i:1;", { handler: "php_serialize" }), "malformed 0 The session is no array");
  const whole = { handler: "php_serialize" } as const;
  assertEquals(fault("a:1:{i:0;R:1;}", whole), "malformed 0 A reference leads to the whole");
  assertEquals(fault("a|i:1;", { maxBytes: 5 }), "limit 5 Longer than 5 bytes");
  assertEquals(fault("a|i:1;b|i:1;", { maxElements: 1 }), "limit 6 More than 1 variables");
  const long = decodeSession(Uint8Array.of(0x81, 0x61, 0x4e, 0x3b), { handler: "php_binary" });
  assert(!long.ok);
  assertEquals(long.error.reason, "A name is too long");
});

Deno.test("encodeSession() throws when a handler cannot store a name", () => {
  const error = assertThrows(
    () => encodeSession(new PhpArray([["a|b", 1]])),
    SessionNameError,
    'Cannot encode the session as handler php cannot store the name "a|b": it holds |',
  );
  assertEquals([error.name, error.variable, error.handler], ["SessionNameError", "a|b", "php"]);
  assertThrows(() => encodeSession(new PhpArray([[1, 1]])), SessionNameError, "it is an integer");
  const long = new PhpArray([["é".repeat(64), 1]]);
  const binary = { handler: "php_binary" } as const;
  assertThrows(() => encodeSession(long, binary), SessionNameError, "more than 127 bytes");
  assertEquals(encodeSession(new PhpArray([["é".repeat(63) + "a", 1]]), binary)[0], 127);
  encodeSession(new PhpArray([["a|b", new PhpObject("A")], [1, 1]]), { handler: "php_serialize" });
});

Deno.test("decodeSession() throws when the handler is unknown", () => {
  const options = { handler: "wddx" as SessionHandler };
  assertThrows(() => decodeSession(bytes(""), options), RangeError, "Cannot use wddx");
  assertThrows(() => encodeSession(new PhpArray(), options), RangeError, "Cannot use wddx");
});
