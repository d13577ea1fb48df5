import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { decodeHeader, encodeHeader, isKeyId } from "../../modstamp/packet.ts";

const keyId = fc.array(fc.nat(255), { maxLength: 200, size: "max" })
  .map((bytes) => String.fromCharCode(...bytes));
const signature = fc.nat(255).map((byte) => String.fromCharCode(byte));

Deno.test("decodeHeader() reads what encodeHeader() wrote", () => {
  fc.assert(
    fc.property(signature, keyId, fc.uint8Array(), (signature, keyId, body) => {
      const header = encodeHeader(signature, keyId);
      const packet = Uint8Array.from([...header, ...body]);
      assertEquals(decodeHeader(packet), { signature, keyId, bodyStart: header.length });
    }),
  );
});

Deno.test("decodeHeader() reads an empty header as no signature", () => {
  assertEquals(decodeHeader(Uint8Array.of(0)), { signature: "", keyId: "", bodyStart: 1 });
  assertEquals(encodeHeader("", ""), Uint8Array.of(0));
});

Deno.test("decodeHeader() gives null when the packet is too short for its header", () => {
  assertEquals(decodeHeader(new Uint8Array()), null);
  fc.assert(
    fc.property(signature, keyId, fc.nat(), (signature, keyId, cut) => {
      const header = encodeHeader(signature, keyId);
      assertEquals(decodeHeader(header.subarray(0, cut % header.length)), null);
    }),
  );
});

Deno.test("isKeyId() accepts up to 200 characters of Latin-1", () => {
  assert(isKeyId(""));
  assert(isKeyId("ÿ".repeat(200)));
  assertFalse(isKeyId("a".repeat(201)));
  assertFalse(isKeyId("č"));
  assertFalse(isKeyId("😀"));
});
