import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeMessages, encodeMessages } from "../../modstamp/mod.ts";
import { anyMessage } from "./messages.ts";
import { fromHex, message } from "./wire.ts";

Deno.test("decodeMessages() reads what encodeMessages() wrote, in order", () => {
  fc.assert(
    fc.property(fc.array(anyMessage), fc.integer({ min: 1, max: 3000 }), (messages, maxBytes) => {
      const bodies = encodeMessages(messages, { maxBytes });
      const decoded = bodies.map((body) => decodeMessages(body));
      assertEquals(
        decoded.flatMap((each) => each.ok && each.skipped === 0 ? each.messages : []),
        messages,
      );
    }),
  );
});

Deno.test("encodeMessages() exceeds maxBytes only for a message that does alone", () => {
  fc.assert(
    fc.property(fc.array(anyMessage), fc.integer({ min: 1, max: 3000 }), (messages, maxBytes) => {
      for (const body of encodeMessages(messages, { maxBytes })) {
        const decoded = decodeMessages(body);
        assert(body.length <= maxBytes || (decoded.ok && decoded.messages.length === 1));
      }
    }),
  );
});

Deno.test("encodeMessages() fills bodies before it begins another", () => {
  const queries = Array.from({ length: 10 }, (_, i) => message("query", `${i}`));
  const lengths = encodeMessages(queries, { maxBytes: 12 }).map((body) => body.length);
  assertEquals(lengths, [12, 12, 12, 4]);
  assertEquals(encodeMessages([]), []);
});

Deno.test("encodeMessages() refuses an invalid id and a long value", () => {
  assertThrows(
    () => encodeMessages([message("query", "two words")]),
    RangeError,
    'Cannot encode modstamp id "two words" as it is not 1 to 255 of 0-9 A-Z a-z _ . : -',
  );
  assertThrows(
    () => encodeMessages([{ kind: "change", id: "a", value: new Uint8Array(256) }]),
    RangeError,
    "Cannot encode the value of modstamp a as it has more than 255 bytes: 256",
  );
});

Deno.test("decodeMessages() skips and counts what it does not know", () => {
  const skipped: Record<string, string> = {
    "unknown letter": "58010161",
    "query with two arguments": "510201610162",
    "change with one argument": "43010161",
    "no arguments": "5100",
    "empty id": "510100",
    "id with a space": "5101022061",
    "id beyond ASCII": "510101ff",
    "200 arguments": "51c8" + "00".repeat(200),
  };
  for (const [note, hex] of Object.entries(skipped)) {
    assertEquals(
      decodeMessages(fromHex(`${hex}5101026f6b`)),
      { ok: true, messages: [message("query", "ok")], skipped: 1 },
      note,
    );
  }
});

Deno.test("decodeMessages() calls a body malformed that ends within a message", () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { minLength: 1 }), fc.nat(), (messages, cut) => {
      const [body] = encodeMessages(messages, { maxBytes: 100_000 });
      const ends = new Set([0]);
      let at = 0;
      for (const each of messages) ends.add(at += encodeMessages([each])[0]!.length);
      const end = cut % body!.length;
      assertEquals(decodeMessages(body!.subarray(0, end)).ok, ends.has(end));
    }),
  );
});

Deno.test("decodeMessages() gives values of their own", () => {
  const [body] = encodeMessages([message("signal", "a", "value")]);
  const decoded = decodeMessages(body!);
  body!.fill(0);
  assertEquals(decoded, { ok: true, messages: [message("signal", "a", "value")], skipped: 0 });
});
