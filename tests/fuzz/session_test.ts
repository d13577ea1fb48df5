import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  JsonSessionCodec,
  PhpSessionCodec,
  SessionCookie,
  signCookie,
  unsignCookie,
} from "../../websocket/mod.ts";

const numRuns = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 2000);
const CODECS = [
  new JsonSessionCodec(),
  new PhpSessionCodec(),
  new PhpSessionCodec({ bag: "a" }),
  new PhpSessionCodec({ handler: "php_binary" }),
  new PhpSessionCodec({ handler: "php_serialize" }),
];
/** Bytes of which some are near to what the codecs read. */
const nearly = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...'{}[]":,;|\\ as1iONb0u'), maxLength: 60 })
    .map((text) => new TextEncoder().encode(text)),
  fc.json().map((text) => new TextEncoder().encode(`{"a":${text}, "b" :${text}}`)),
);

Deno.test("SessionCodec.decode() never throws, and what it reads is written as it was", () => {
  fc.assert(
    fc.property(nearly, (bytes) => {
      for (const codec of CODECS) {
        const result = codec.decode(bytes);
        if (!result.ok) continue;
        assertEquals(result.document.encode(), new Uint8Array(bytes));
        for (const key of result.document.keys()) result.document.get(key);
      }
    }),
    { numRuns },
  );
});

Deno.test("SessionCodec gives back what was put, and leaves the rest as it was", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (values, added) => {
      const codec = new JsonSessionCodec({ cookie: null });
      const result = codec.decode(new TextEncoder().encode(JSON.stringify(values)));
      assert(result.ok);
      result.document.put(added, codec.freeze(added, [added]));
      const again = codec.decode(result.document.encode());
      assert(again.ok);
      const document = again.document;
      const read = new Map(document.keys().map((key) => [key, document.get(key)]));
      const expected = new Map<string, unknown>(
        Object.entries(values).map(([key, value]) => [key, JSON.parse(JSON.stringify(value))]),
      );
      assertEquals(read, expected.set(added, [added]));
    }),
    { numRuns },
  );
});

Deno.test("SessionCookie.read() takes nothing but what was signed", () => {
  const cookie = new SessionCookie({ secrets: ["secret"] });
  fc.assert(
    fc.property(fc.string(), (text) => {
      assertEquals(cookie.read(new Map([["sid", text]])), null);
      assertEquals(unsignCookie(text, ["secret"]), null);
      assertEquals(unsignCookie(signCookie(text, "secret"), ["other", "secret"]), text);
    }),
    { numRuns },
  );
});
