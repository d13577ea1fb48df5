import { MessageReader } from "./_message_reader.ts";
import { isId, latin1 } from "./id.ts";

/** What a message does. */
export type MessageKind = "query" | "reply" | "change" | "confirm" | "signal";

/** The letters of the messages. */
export const LETTERS: Readonly<Record<MessageKind, string>> = {
  query: "Q",
  reply: "R",
  change: "C",
  confirm: "M",
  signal: "S",
};

/**
 * One message of the modstamp protocol. A `query` has no value; in all others
 * an empty value means that there is none.
 */
export interface Message {
  /** What the message does. */
  kind: MessageKind;
  /** The modstamp it is about. */
  id: string;
  /** The value, at most 255 bytes; empty for a query. */
  value: Uint8Array;
}

/** The outcome of {@linkcode decodeMessages}. */
export type DecodedMessages =
  | { ok: true; messages: Message[]; skipped: number }
  | { ok: false; reason: "malformed" };

/** The most bytes an id or a value may have. */
export const MAX_ARGUMENT_BYTES = 255;

const KINDS = new Map(
  Object.entries(LETTERS).map(([kind, letter]) => [letter.charCodeAt(0), kind as MessageKind]),
);

/**
 * Reads the messages of a packet's body. A truncated body is malformed as a
 * whole; a message with an unknown letter, a wrong number of arguments or an
 * invalid id is skipped and counted.
 *
 * @example Read a query
 * ```ts
 * import { decodeMessages } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * const body = Uint8Array.from([0x51, 1, 4, 0x74, 0x65, 0x73, 0x74]);
 * assertEquals(decodeMessages(body), {
 *   ok: true,
 *   messages: [{ kind: "query", id: "test", value: new Uint8Array() }],
 *   skipped: 0,
 * });
 * ```
 *
 * @param body The body, without the packet's header.
 * @returns The messages in order, or why there are none.
 */
export function decodeMessages(body: Uint8Array): DecodedMessages {
  const reader = new MessageReader();
  if (!reader.open(body, 0, body.length)) return { ok: false, reason: "malformed" };
  const messages: Message[] = [];
  let skipped = 0;
  while (reader.next()) {
    const kind = KINDS.get(reader.letter);
    const id = latin1(body, reader.idStart, reader.idEnd);
    const wanted = kind === "query" ? 1 : 2;
    if (kind === undefined || reader.argumentCount !== wanted || !isId(id)) skipped++;
    else messages.push({ kind, id, value: body.slice(reader.valueStart, reader.valueEnd) });
  }
  return { ok: true, messages, skipped };
}

/**
 * Writes messages into as few bodies as hold them in their order.
 *
 * @example Several queries share a body
 * ```ts
 * import { encodeMessages } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * const query = (id: string) => ({ kind: "query" as const, id, value: new Uint8Array() });
 * assertEquals(encodeMessages([query("a"), query("b")]).length, 1);
 * assertEquals(encodeMessages([query("a"), query("b")], { maxBytes: 5 }).length, 2);
 * ```
 *
 * @param messages The messages.
 * @param options `maxBytes`: the most bytes a body may have (default 1299), if one message fits.
 * @returns The bodies.
 * @throws {RangeError} When an id is invalid or a value longer than 255 bytes.
 */
export function encodeMessages(
  messages: Iterable<Message>,
  options: { maxBytes?: number } = {},
): Uint8Array<ArrayBuffer>[] {
  const { maxBytes = 1299 } = options;
  const bodies: Uint8Array<ArrayBuffer>[] = [];
  let pending: number[] = [];
  for (const message of messages) {
    const bytes = encodeMessage(message);
    if (pending.length > 0 && pending.length + bytes.length > maxBytes) {
      bodies.push(Uint8Array.from(pending));
      pending = [];
    }
    pending.push(...bytes);
  }
  if (pending.length > 0) bodies.push(Uint8Array.from(pending));
  return bodies;
}

function encodeMessage({ kind, id, value }: Message): number[] {
  if (!isId(id)) {
    throw new RangeError(
      `Cannot encode modstamp id ${
        JSON.stringify(id)
      } as it is not 1 to 255 of 0-9 A-Z a-z _ . : -`,
    );
  }
  if (value.length > MAX_ARGUMENT_BYTES) {
    throw new RangeError(
      `Cannot encode the value of modstamp ${id} as it has more than 255 bytes: ${value.length}`,
    );
  }
  const idBytes = Array.from(id, (char) => char.charCodeAt(0));
  const head = [LETTERS[kind].charCodeAt(0), kind === "query" ? 1 : 2, idBytes.length, ...idBytes];
  return kind === "query" ? head : [...head, value.length, ...value];
}
