import { assert, assertEquals, assertThrows } from "@std/assert";
import { JsonSessionCodec, type SessionDocument } from "../../../websocket/mod.ts";
import { textOf, utf8, vectors } from "./vectors.ts";

const codec = new JsonSessionCodec();

function decoded(text: string): SessionDocument {
  const result = codec.decode(utf8(text));
  assert(result.ok);
  return result.document;
}

Deno.test("JsonSessionCodec.decode() round-trips what express-session has stored", () => {
  for (const { value } of vectors.express) {
    const document = decoded(value);
    assertEquals(textOf(document.encode()), value);
    assertEquals(
      Object.fromEntries(document.keys().map((key) => [key, document.get(key)])),
      JSON.parse(value),
    );
  }
});

Deno.test("JsonSessionCodec leaves all but what is set as it is", () => {
  const document = decoded(
    ' { "a" : 1.50 , "b\\u0041":{"x":[12345678901234567890, "}\\"," ]},"c":"" ,"d":null} ',
  );
  document.put("c", codec.freeze("c", { é: "ü" }));
  document.put("new", codec.freeze("new", [undefined]));
  document.delete("d");
  assertEquals(
    textOf(document.encode()),
    '{"a":1.50,"bA":{"x":[12345678901234567890, "}\\"," ]},"c":{"é":"ü"},"new":[null]}',
  );
});

Deno.test("JsonSessionCodec.decode() takes the last of equal keys", () => {
  assertEquals(decoded('{"a":1,"a":2}').get("a"), 2);
});

Deno.test("JsonSessionCodec.decode() keeps a key named __proto__", () => {
  const document = decoded('{"__proto__":{"admin":true},"a":1}');
  assertEquals(document.keys(), ["__proto__", "a"]);
  document.delete("a");
  assertEquals(textOf(document.encode()), '{"__proto__":{"admin":true}}');
});

Deno.test("JsonSessionCodec.decode() says what is no session", () => {
  const texts = ["", "null", "[]", "1", "{", '{"a":}', "{a:1}", "\ufeff{}", "[".repeat(100_000)];
  for (const text of texts) {
    assertEquals(codec.decode(utf8(text)), { ok: false, reason: "It is no JSON object" });
  }
  assertEquals(codec.decode(Uint8Array.of(0x7b, 0xff, 0x7d)).ok, false);
});

Deno.test("JsonSessionCodec.freeze() refuses what JSON can't say", () => {
  assertThrows(() => codec.freeze("a", undefined), TypeError, "Cannot store a");
  assertThrows(() => codec.freeze("a", () => {}), TypeError, "Cannot store a");
  assertThrows(() => codec.freeze("a", 1n), TypeError);
});

Deno.test("JsonSessionCodec.empty() gives what express-session needs", () => {
  assertEquals(
    textOf(codec.empty().encode()),
    '{"cookie":{"originalMaxAge":null,"expires":null,"httpOnly":true,"path":"/"}}',
  );
  assertEquals(textOf(new JsonSessionCodec({ cookie: null }).empty().encode()), "{}");
});

Deno.test("SessionDocument.maxAgeMs is what the cookie of the session says", () => {
  assertEquals(decoded('{"cookie":{"originalMaxAge":60000}}').maxAgeMs, 60_000);
  const others = ['{"cookie":{"originalMaxAge":null}}', '{"cookie":1}', '{"cookie":null}', "{}"];
  for (const text of others) assertEquals(decoded(text).maxAgeMs, null);
});
