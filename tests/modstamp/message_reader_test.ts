import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { MessageReader } from "../../modstamp/_message_reader.ts";
import { decodeMessages, encodeMessages, type Message } from "../../modstamp/mod.ts";
import { anyMessage } from "./messages.ts";

/** A message as its letter and arguments. */
type Parsed = { letter: number; args: number[][] };

/** The format by the book: takes a body apart byte by byte, `null` when it is truncated. */
function parse(body: number[]): Parsed[] | null {
  const rest = [...body];
  const parsed: Parsed[] = [];
  while (rest.length > 0) {
    const letter = rest.shift()!;
    const count = rest.shift();
    if (count === undefined) return null;
    const args: number[][] = [];
    for (let i = 0; i < count; i++) {
      const length = rest.shift();
      if (length === undefined || length > rest.length) return null;
      args.push(rest.splice(0, length));
    }
    parsed.push({ letter, args });
  }
  return parsed;
}

/** What the reader makes of a body that stands amid other bytes. */
function read(body: Uint8Array): { parsed: Parsed[]; hasChange: boolean } | null {
  const bytes = new Uint8Array(body.length + 20).fill(0x43);
  bytes.set(body, 10);
  const reader = new MessageReader();
  if (!reader.open(bytes, 10, 10 + body.length)) return null;
  const parsed: Parsed[] = [];
  const { hasChange } = reader;
  while (reader.next()) {
    const { letter, argumentCount } = reader;
    const id = [...bytes.subarray(reader.idStart, reader.idEnd)];
    const value = [...bytes.subarray(reader.valueStart, reader.valueEnd)];
    const args = [id, value].slice(0, Math.min(argumentCount, 2));
    for (let i = 2; i < argumentCount; i++) args.push([]);
    parsed.push({ letter, args });
  }
  return { parsed, hasChange };
}

/** Bytes of which many are small or letters, so that they are often nearly a body. */
const nearly = fc.array(
  fc.oneof(fc.nat(4), fc.constantFrom(0x51, 0x43, 0x61, 0x62), fc.nat(255)),
  { maxLength: 60, size: "max" },
);

Deno.test("MessageReader finds the messages that a naive parser finds", () => {
  fc.assert(
    fc.property(nearly, (bytes) => {
      const model = parse(bytes);
      const actual = read(Uint8Array.from(bytes));
      assertEquals(actual === null, model === null);
      if (actual === null || model === null) return;
      const expected = model.map(({ letter, args }) => ({
        letter,
        args: args.map((arg, i) => i < 2 ? arg : []),
      }));
      assertEquals(actual.parsed, expected);
      assertEquals(actual.hasChange, model.some(({ letter }) => letter === 0x43));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("MessageReader reads what decodeMessages() reads", () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { minLength: 1 }), (messages: Message[]) => {
      const [body] = encodeMessages(messages, { maxBytes: 100_000 });
      const decoded = decodeMessages(body!);
      assert(decoded.ok);
      const ids = decoded.messages.map(({ id }) => [...id].map((char) => char.charCodeAt(0)));
      assertEquals(read(body!)?.parsed.map(({ args }) => args[0]), ids);
      const changes = messages.some(({ kind }) => kind === "change");
      assertEquals(read(body!)?.hasChange, changes);
    }),
  );
});

Deno.test("MessageReader.open() forgets the body before", () => {
  const reader = new MessageReader();
  assert(reader.open(Uint8Array.of(0x43, 0), 0, 2));
  assert(reader.hasChange);
  assert(reader.open(new Uint8Array(), 0, 0));
  assertEquals(reader.hasChange, false);
  assertEquals(reader.next(), false);
});
