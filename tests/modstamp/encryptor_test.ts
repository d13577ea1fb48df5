import { assert, assertEquals, assertFalse } from "@std/assert";
import { PlainEncryptor } from "../../modstamp/mod.ts";

Deno.test("PlainEncryptor.matches() takes no signature and p", () => {
  const encryptor = new PlainEncryptor();
  assert(encryptor.matches(""));
  assert(encryptor.matches("p"));
  assertFalse(encryptor.matches("a"));
  assertFalse(encryptor.matches("P"));
});

Deno.test("PlainEncryptor.decrypt() gives the body where it stands", () => {
  const bytes = Uint8Array.of(9, 9, 1, 112, 81, 82, 9);
  assertEquals(new PlainEncryptor().decrypt({ bytes, start: 2, bodyStart: 4, end: 6 }), {
    ok: true,
    bytes,
    start: 4,
    end: 6,
  });
});
