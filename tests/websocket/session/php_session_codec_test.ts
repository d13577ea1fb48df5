import { assert, assertEquals, assertThrows } from "@std/assert";
import { type SessionHandler, SessionNameError } from "../../../php/mod.ts";
import { PhpSessionCodec, type SessionDocument } from "../../../websocket/mod.ts";
import { textOf, utf8, vectors } from "./vectors.ts";

function decoded(codec: PhpSessionCodec, bytes: Uint8Array): SessionDocument {
  const result = codec.decode(bytes);
  assert(result.ok);
  return result.document;
}

for (const { note, handler, hex, json } of vectors.php) {
  const codec = new PhpSessionCodec({ handler: handler as SessionHandler });
  const bytes = Uint8Array.fromHex(hex);

  Deno.test(`PhpSessionCodec.decode() round-trips ${note}`, () => {
    const document = decoded(codec, bytes);
    assertEquals(document.encode(), bytes);
    if (json === undefined) return;
    assertEquals(
      Object.fromEntries(document.keys().map((key) => [key, document.get(key)])) as unknown,
      json,
    );
  });

  Deno.test(`PhpSessionCodec leaves the rest alone when a variable is set: ${note}`, () => {
    const document = decoded(codec, bytes);
    document.put("added", codec.freeze("added", 1));
    assertEquals(document.encode().toHex() === hex, false);
    document.delete("added");
    assertEquals(document.encode().toHex(), hex);
  });

  Deno.test(`PhpSessionCodec.decode() says what is no session: parts of ${note}`, () => {
    const whole = decoded(codec, bytes).encode();
    for (let length = 1; length < whole.length; length++) {
      const result = codec.decode(whole.subarray(0, length));
      if (result.ok) assertEquals(result.document.encode(), whole.slice(0, length));
    }
  });
}

Deno.test("PhpSessionCodec reads and writes attributes of Symfony, and nothing else", () => {
  const codec = new PhpSessionCodec({ bag: "_sf2_attributes" });
  const before = vectors.php[1].hex;
  const document = decoded(codec, Uint8Array.fromHex(before));
  assertEquals(document.keys(), ["chat.name"]);
  assertEquals(document.get("chat.name"), "bob");
  document.put("chat.name", codec.freeze("chat.name", "Zoë"));
  assertEquals(
    textOf(document.encode()),
    textOf(Uint8Array.fromHex(before)).replace('s:3:"bob"', 's:4:"Zoë"'),
  );
});

Deno.test("PhpSessionCodec makes the bag when there is none", () => {
  const codec = new PhpSessionCodec({ bag: "_sf2_attributes" });
  const document = codec.empty();
  assertEquals([document.keys(), document.has("a"), document.get("a")], [[], false, undefined]);
  document.delete("a");
  document.put("7", codec.freeze("7", true));
  assertEquals(textOf(document.encode()), "_sf2_attributes|a:1:{i:7;b:1;}");
  assertEquals([document.has("7"), document.keys()], [true, ["7"]]);
});

Deno.test("PhpSessionCodec.decode() refuses a bag that is none", () => {
  const codec = new PhpSessionCodec({ bag: "b" });
  assertEquals(codec.decode(utf8("b|i:1;")), { ok: false, reason: "Its b is no array" });
});

Deno.test("PhpSessionCodec.freeze() refuses a name that PHP can't store", () => {
  assertThrows(() => new PhpSessionCodec().freeze("a|b", 1), SessionNameError);
  const binary = new PhpSessionCodec({ handler: "php_binary" });
  assertThrows(() => binary.freeze("a".repeat(128), 1), SessionNameError);
  assertThrows(() => new PhpSessionCodec({ bag: "a|b" }), SessionNameError);
  new PhpSessionCodec({ handler: "php_serialize" }).freeze("a|b", 1);
  new PhpSessionCodec({ bag: "b" }).freeze("a|b", 1);
});

Deno.test("PhpSessionCodec.freeze() refuses what PHP has nothing for", () => {
  const codec = new PhpSessionCodec();
  assertThrows(() => codec.freeze("a", undefined), TypeError, "Cannot store a");
  assertThrows(() => codec.freeze("a", new Date(0)), TypeError);
});

Deno.test("SessionDocument.get() gives copies", () => {
  const codec = new PhpSessionCodec();
  const document = decoded(codec, utf8('o|O:1:"C":1:{s:1:"a";i:1;}l|a:1:{i:0;i:1;}'));
  (document.get("l") as unknown[]).push(2);
  (document.get("o") as { properties: { set(key: string, value: unknown): void } })
    .properties.set("a", 2);
  document.put("x", codec.freeze("x", 1));
  assertEquals(textOf(document.encode()), 'o|O:1:"C":1:{s:1:"a";i:1;}l|a:1:{i:0;i:1;}x|i:1;');
});
