import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decode,
  decodeSession,
  encode,
  encodeSession,
  fromPlain,
  JobLineDecoder,
  PhpArray,
  PhpScanner,
  type SessionHandler,
  toJson,
  toPlain,
} from "../../php/mod.ts";
import { trace } from "../php/trace.ts";
import { ValueMaker } from "../php/value_maker.ts";

const numRuns = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 2000);

const tape = fc.array(fc.nat(255), { maxLength: 400, size: "max" });
const value = fc.tuple(tape, fc.nat(4)).map(([numbers, count]) => {
  const maker = new ValueMaker(numbers);
  if (count === 0) return maker.make();
  return PhpArray.list(Array.from({ length: count }, () => maker.make()));
});
const handler = fc.constantFrom<SessionHandler>("php", "php_binary", "php_serialize");

/** Text that is made of what the format is made of, so that it is often nearly right. */
const fragment = fc.constantFrom(
  ...'N; b:1; i:7; i:-9223372036854775808; d:0.1; d:NAN; s:1:"a"; a:1:{ a:2:{ O:1:"A":1:{ } R:1;'
    .split(" "),
  ...'R:2; r:2; r:3; E:3:"A:B"; C:1:"A":5:{i:1;} C:1:"A":4:{ S:1:"a"; i:0; a|'.split(" "),
  ...'\0 " : ; { } | 1 9 - . e 999999999 18446744073709551616 \u00e9'.split(" "),
);
const nearly = fc.array(fragment, { maxLength: 60, size: "max" })
  .map((fragments) => new TextEncoder().encode(fragments.join("")));

function mutate(bytes: number[], changes: [number, number, number][]): void {
  for (const [place, byte, kind] of changes) {
    const at = place % (bytes.length + 1);
    if (kind === 0) bytes.splice(at, 1, byte);
    else if (kind === 1) bytes.splice(at, 1);
    else if (kind === 2) bytes.splice(at, 0, ...bytes.slice(at, at + 10));
    else bytes.length = at;
  }
}

/** Right bytes of which some are changed, left out, doubled or cut off. */
const change = fc.tuple(fc.nat(), fc.nat(255), fc.nat(3));
const mutated = fc.tuple(value, fc.array(change, { maxLength: 4 })).map(([value, changes]) => {
  const bytes = [...encode(value)];
  mutate(bytes, changes);
  return Uint8Array.from(bytes);
});

/** Sessions, right and mutated. */
const session = fc.tuple(tape, handler, fc.array(change, { maxLength: 2 })).map(
  ([numbers, handler, changes]) => {
    const maker = new ValueMaker(numbers);
    const names = ["a", "b", "žluť", "!c", ""];
    const variables = new PhpArray(names.map((name) => [name, maker.make(3)]));
    const bytes = [...encodeSession(variables, { handler })];
    mutate(bytes, changes);
    return { bytes: Uint8Array.from(bytes), handler };
  },
);

const input = fc.oneof(fc.uint8Array({ maxLength: 200, size: "max" }), nearly, mutated);

Deno.test("decode() of what encode() made gives the same value with the same sharing", () => {
  fc.assert(
    fc.property(value, (value) => {
      const bytes = encode(value);
      const result = decode(bytes);
      if (!result.ok) throw new TypeError(result.error.reason);
      assertEquals(trace(result.value), trace(value));
      assertEquals(encode(result.value), bytes);
      assertEquals(result.end, bytes.length);
    }),
    { numRuns },
  );
});

Deno.test("decode() of any bytes fails or gives what encode() writes back to the byte", () => {
  fc.assert(
    fc.property(input, (bytes) => {
      const result = decode(bytes, { trailing: "allow" });
      if (!result.ok) {
        assertEquals(result.error.offset >= 0 && result.error.offset <= bytes.length, true);
        return;
      }
      assertEquals(encode(result.value), bytes.slice(0, result.end));
      toPlain(result.value);
      const json = toJson(result.value);
      if (json.ok) JSON.stringify(json.value);
    }),
    { numRuns },
  );
});

Deno.test("decode() of a prefix calls it incomplete when the whole is right", () => {
  fc.assert(
    fc.property(value, fc.nat(), (value, cut) => {
      const bytes = encode(value);
      const result = decode(bytes.subarray(0, cut % bytes.length));
      assertEquals(result.ok, false);
      if (!result.ok) assertEquals(result.error.code, "incomplete");
    }),
    { numRuns },
  );
});

Deno.test("decodeSession() of any bytes fails or gives what encodeSession() writes back", () => {
  const any = fc.oneof(session, fc.record({ bytes: input, handler }));
  fc.assert(
    fc.property(any, ({ bytes, handler }) => {
      const result = decodeSession(bytes, { handler });
      if (!result.ok || bytes.length === 0) return;
      assertEquals(encodeSession(result.value, { handler }), bytes);
    }),
    { numRuns },
  );
});

Deno.test("encodeSession() of any variables is read back by decodeSession()", () => {
  const names = fc.uniqueArray(fc.string({ maxLength: 10 }).filter((name) => !name.includes("|")));
  fc.assert(
    fc.property(names, tape, handler, (names, numbers, handler) => {
      const maker = new ValueMaker(numbers);
      const variables = new PhpArray(names.map((name) => [name, maker.make(3)]));
      const result = decodeSession(encodeSession(variables, { handler }), { handler });
      if (!result.ok) throw new TypeError(result.error.reason);
      assertEquals(trace(result.value), trace(variables));
    }),
    { numRuns },
  );
});

Deno.test("PhpScanner.push() finds the end that decode() finds however the bytes are cut", () => {
  fc.assert(
    fc.property(
      value,
      fc.uint8Array(),
      fc.array(fc.integer({ min: 1, max: 9 }), { size: "max", maxLength: 50 }),
      (value, rest, sizes) => {
        const bytes = encode(value);
        const stream = Uint8Array.from([...bytes, ...rest]);
        const scanner = new PhpScanner();
        let at = 0;
        for (let step = 0; at < stream.length; step++) {
          const size = sizes.length === 0 ? stream.length : sizes[step % sizes.length]!;
          const result = scanner.push(stream.subarray(at, at + size));
          if (!result.ok) throw new TypeError(result.error.reason);
          at += result.end;
          if (result.done) break;
        }
        assertEquals(at, bytes.length);
      },
    ),
    { numRuns },
  );
});

Deno.test("PhpScanner.push() of any bytes goes at least as far as decode()", () => {
  fc.assert(
    fc.property(input, (bytes) => {
      const scanned = new PhpScanner().push(bytes);
      const decoded = decode(bytes, { trailing: "allow" });
      if (decoded.ok) assertEquals(scanned, { ok: true, done: true, end: decoded.end });
    }),
    { numRuns },
  );
});

Deno.test("fromPlain() of what toPlain() gave for JSON is the same for PHP", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (plain) => {
      const value = fromPlain(plain);
      const again = fromPlain(toPlain(value));
      assertEquals(encode(again), encode(value));
    }),
    { numRuns },
  );
});

Deno.test("JobLineDecoder.decode() of any bytes gives a result fit for JSON", () => {
  const decoder = new JobLineDecoder({ jobs: ["A", "Point"], property: null, classes: ["Point"] });
  fc.assert(
    fc.property(input, (bytes) => {
      const result = decoder.decode(bytes);
      if (!result.ok) return;
      const text = JSON.stringify(result.data);
      assertEquals(JSON.stringify(JSON.parse(text)), text);
    }),
    { numRuns },
  );
});
