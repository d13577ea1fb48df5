import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  decode,
  decodeSession,
  encode,
  encodeSession,
  fromPlain,
  PhpArray,
  type SessionHandler,
} from "../../php/mod.ts";
import { ValueMaker } from "../php/value_maker.ts";
import { need } from "../needs.ts";
import { askPhp } from "./php_peer.ts";

const runs = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 500);
const { ignore, suffix } = need("php");

const HANDLERS: readonly SessionHandler[] = ["php", "php_binary", "php_serialize"];
const NAMES = ["a", "b", "x", "y", "ž", "new"];

function seeds(): number[] {
  return Array.from({ length: runs }, (_, seed) => seed);
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: name + suffix, ignore, fn });
}

function sessionOf(bytes: Uint8Array, handler: SessionHandler): PhpArray {
  const result = decodeSession(bytes, { handler });
  if (!result.ok) throw new TypeError(result.error.reason);
  return result.value;
}

test("decode() and encode() give the bytes that PHP wrote", async () => {
  const written = await askPhp(seeds().map((seed) => ["make", seed] as const));
  assertEquals(written.length, runs);
  for (const bytes of written) {
    const result = decode(bytes!);
    if (!result.ok) throw new TypeError(result.error.reason);
    assertEquals(encode(result.value), bytes);
  }
});

test("encode() writes what PHP reads and writes again to the byte", async () => {
  const tapes = fc.sample(fc.array(fc.nat(255), { maxLength: 300, size: "max" }), runs);
  const values = tapes.map((tape) => {
    const maker = new ValueMaker(tape, { forPhp: true });
    return encode(PhpArray.list([maker.make(), maker.make(), maker.make()]));
  });
  assertEquals(await askPhp(values.map((bytes) => ["echo", bytes] as const)), values);
});

for (const handler of HANDLERS) {
  test(`encodeSession() changes and removes as PHP does with ${handler}`, async () => {
    const ask = (questions: Parameters<typeof askPhp>[0]) => askPhp(questions, { handler });
    const name = (at: number) => NAMES[at % NAMES.length]!;
    const nameBytes = (at: number) => new TextEncoder().encode(name(at));
    const written = await ask(seeds().map((seed) => ["make-session", seed] as const));
    const set = await ask(written.map((bytes, at) => ["set", bytes!, nameBytes(at)] as const));
    const unset = await ask(written.map((bytes, at) => ["unset", bytes!, nameBytes(at)] as const));
    for (const [at, bytes] of written.entries()) {
      const variables = sessionOf(bytes!, handler);
      assertEquals(encodeSession(variables, { handler }), bytes);
      variables.set(name(at), fromPlain(["new", 1]));
      assertEquals(encodeSession(variables, { handler }), set[at]);
      const others = sessionOf(bytes!, handler);
      others.delete(name(at));
      assertEquals(encodeSession(others, { handler }), unset[at]);
    }
  });
}
