import {
  encodeHeader,
  encodeMessages,
  type Message,
  type MessageKind,
} from "../../modstamp/mod.ts";

const encoder = new TextEncoder();

/** A message with a value as text. */
export function message(kind: MessageKind, id: string, value = ""): Message {
  return { kind, id, value: encoder.encode(value) };
}

/** A plain packet that holds messages. */
export function packet(...messages: Message[]): Uint8Array<ArrayBuffer> {
  const [body] = encodeMessages(messages, { maxBytes: 65_000 });
  return Uint8Array.from([...encodeHeader("", ""), ...body ?? []]);
}

/** A plain packet that queries ids. */
export function query(...ids: string[]): Uint8Array<ArrayBuffer> {
  return packet(...ids.map((id) => message("query", id)));
}

/** A plain packet that changes an id. */
export function change(id: string, value: string): Uint8Array<ArrayBuffer> {
  return packet(message("change", id, value));
}

/** The bytes that hexadecimal digits stand for. */
export function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Bytes as hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
