import { decode, encode } from "@msgpack/msgpack";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { jsonSerializer } from "../../websocket/wamp/json_serializer.ts";
import { checkMessage } from "../../websocket/wamp/message_code.ts";
import { isWholeMsgpack } from "../../websocket/wamp/msgpack_shape.ts";
import { msgpackSerializer } from "../../websocket/wamp/msgpack_serializer.ts";
import { PatternTable } from "../../websocket/wamp/pattern_table.ts";
import { ROLES, WampScene } from "../websocket/wamp/wamp_scene.ts";
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

Deno.test("WampServer survives what clients say, and nobody else notices", async () => {
  const field = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<unknown>({}, "a.b", "a.", "a..c", 1, 2, 3, [], [1]) },
    fc.constantFrom<unknown>({ match: "prefix" }, { match: "wildcard" }, { acknowledge: true }),
    fc.constantFrom<unknown>({ invoke: "roundrobin" }, { mode: "kill" }, {
      receive_progress: true,
    }),
    fc.constantFrom<unknown>({ exclude_me: false }, { progress: true }, { exclude: [1] }, { x: 1 }),
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  );
  const codes = [1, 2, 5, 6, 7, 8, 16, 32, 34, 48, 49, 64, 66, 70, 68];
  const message = fc.tuple(fc.constantFrom(...codes), fc.array(field, { maxLength: 5 }))
    .map(([code, rest]) => [code, ...rest]);
  const calls = fc.constantFrom<unknown[]>(
    [32, 1, {}, "a.b"],
    [16, 1, { exclude_me: false }, "a.b", [1]],
    [64, 1, { invoke: "first" }, "a.b"],
    [48, 1, { receive_progress: true }, "a.b"],
    [70, 1, { progress: true }],
    [70, 1, {}],
    [49, 1, { mode: "skip" }],
    [8, 68, 1, {}, "e"],
    [66, 1, 1],
  );
  const talk = fc.array(fc.oneof({ weight: 3, arbitrary: calls }, message), { maxLength: 12 });
  await using scene = await WampScene.open({}, { authorize: () => true });
  const witness = await scene.connect("wamp");
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("wamp", "wamp.2.json", "wamp.2.msgpack"),
      talk,
      async (form, said) => {
        const client = await scene.connect(form);
        if (form !== "wamp") await client.ask([1, "realm1", { roles: ROLES }]);
        await client.say(...said as unknown[][]);
        client.raw.stream.terminate();
        assertEquals(await witness.ask([5, "w"], [7, "w", 1]), [[8, "w", 1]]);
      },
    ),
    { numRuns: Math.min(numRuns, 300) },
  );
  await scene.ws.network.advance(100);
  assertEquals([scene.ws.errors, scene.wamp.topic("a.b").size], [[], 0]);
});
