import { decode, encode } from "@msgpack/msgpack";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { jsonSerializer } from "../../websocket/wamp/json_serializer.ts";
import { checkMessage } from "../../websocket/wamp/message_code.ts";
import { isWholeMsgpack } from "../../websocket/wamp/msgpack_shape.ts";
import { msgpackSerializer } from "../../websocket/wamp/msgpack_serializer.ts";
import { PatternTable } from "../../websocket/wamp/pattern_table.ts";
import { readV1Message } from "../../websocket/wamp/v1_message.ts";

const numRuns = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 2000);
const values = fc.jsonValue({ depthSize: "medium" });

Deno.test("Serializer.decode() gives what was encoded", () => {
  fc.assert(
    fc.property(fc.array(values), fc.uint8Array(), (list, bytes) => {
      const message = [...list, bytes];
      // JSON has no -0.
      const plain = [...JSON.parse(JSON.stringify(list)), bytes];
      assertEquals(jsonSerializer.decode(jsonSerializer.encode(plain)), plain);
      const decoded = msgpackSerializer.decode(msgpackSerializer.encode(message)) as unknown[];
      // A key named __proto__ is refused.
      if (decoded !== undefined) assertEquals(decoded, message);
      else assert(JSON.stringify(list).includes("__proto__"));
    }),
    { numRuns },
  );
});

Deno.test("Serializer.decode() never throws", () => {
  const nearly = fc.tuple(values, fc.nat(), fc.nat({ max: 255 })).map(([value, at, byte]) => {
    const bytes = Uint8Array.from(encode(value));
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), nearly), (bytes) => {
      checkMessage(msgpackSerializer.decode(bytes));
    }),
    { numRuns },
  );
  const texts = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'[]{},:"\\u0017 aA=-.e'), maxLength: 40 }),
    fc.array(values).map((list) => JSON.stringify(list)),
    fc.string().map((text) => JSON.stringify([`\0${text}`])),
  );
  fc.assert(
    fc.property(texts, (text) => {
      checkMessage(jsonSerializer.decode(text));
      readV1Message(text);
    }),
    { numRuns },
  );
});

Deno.test("isWholeMsgpack() agrees with the decoder", () => {
  fc.assert(
    fc.property(values, fc.nat(), (value, cut) => {
      const bytes = Uint8Array.from(encode(value));
      assert(isWholeMsgpack(bytes));
      assert(!isWholeMsgpack(bytes.subarray(0, cut % bytes.length)));
      assert(!isWholeMsgpack(Uint8Array.from([...bytes, 0xc0])));
    }),
    { numRuns },
  );
  for (const size of [31, 32, 255, 256, 65_535, 65_536]) {
    const all = [new Uint8Array(size), "x".repeat(size), Array(size).fill(null)];
    for (const value of all) {
      const bytes = Uint8Array.from(encode(value));
      assert(isWholeMsgpack(bytes));
      assertEquals(decode(bytes), value);
    }
  }
  assert(!isWholeMsgpack(new Uint8Array(1000).fill(0x91)));
});

Deno.test("PatternTable.find() finds what a plain search finds", () => {
  const uri = fc.array(fc.constantFrom("a", "b", ""), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("."));
  const match = fc.constantFrom("exact" as const, "prefix" as const, "wildcard" as const);
  const entry = fc.record({ uri, match, isDeleted: fc.boolean() });
  fc.assert(
    fc.property(fc.array(entry), uri, (entries, wanted) => {
      const table = new PatternTable<string>();
      const kept = new Map<string, (typeof entries)[number]>();
      for (const each of entries) {
        const name = `${each.match} ${each.uri}`;
        if (table.get(each.uri, each.match) === undefined) table.add(each.uri, each.match, name);
        kept.set(name, each);
        if (!each.isDeleted) continue;
        table.delete(each.uri, each.match);
        kept.delete(name);
      }
      const fits = (each: (typeof entries)[number]): boolean => {
        if (each.match === "exact") return each.uri === wanted;
        if (each.match === "prefix") return wanted.startsWith(each.uri);
        const parts = wanted.split(".");
        const pattern = each.uri.split(".");
        return pattern.length === parts.length &&
          pattern.every((part, i) => part === "" || part === parts[i]);
      };
      const expected = [...kept].filter(([, each]) => fits(each)).map(([name]) => name);
      assertEquals(table.find(wanted).toSorted(), expected.toSorted());
    }),
    { numRuns },
  );
});
