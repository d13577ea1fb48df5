import fc from "fast-check";
import type { Message, MessageKind } from "../../modstamp/mod.ts";

const CHARS = [..."0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.:-"];
const KINDS: MessageKind[] = ["query", "reply", "change", "confirm", "signal"];

/** Ids: mostly short and so often equal, some as long as can be. */
export const anyId: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(..."abcdefgh") },
  fc.string({ unit: fc.constantFrom(...CHARS), minLength: 1, maxLength: 255, size: "max" }),
);

/** Messages that can be encoded. */
export const anyMessage: fc.Arbitrary<Message> = fc.record({
  kind: fc.constantFrom(...KINDS),
  id: anyId,
  value: fc.uint8Array({ maxLength: 255, size: "max" }),
}).map((message) => message.kind === "query" ? { ...message, value: new Uint8Array() } : message);
