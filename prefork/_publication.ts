import { BusMessage } from "./bus.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Bytes of the sender's number, which stands first. */
const SENDER_BYTES = 4;
const MAX_TOPIC_BYTES = 255;

/**
 * Writes a message of the bus: sender (4 bytes, little-endian), length of the topic (1 byte),
 * topic, data.
 *
 * @throws {RangeError} When the topic is too long.
 */
export function encodePublication(
  topic: string,
  message: { from: number; data: string | Uint8Array },
): Uint8Array<ArrayBuffer> {
  const name = encoder.encode(topic);
  checkTopic(topic, name.length);
  const data = typeof message.data === "string" ? encoder.encode(message.data) : message.data;
  const payload = new Uint8Array(SENDER_BYTES + 1 + name.length + data.length);
  markSender(payload, message.from);
  payload[SENDER_BYTES] = name.length;
  payload.set(name, SENDER_BYTES + 1);
  payload.set(data, SENDER_BYTES + 1 + name.length);
  return payload;
}

/** Says in a written message who sent it. */
export function markSender(payload: Uint8Array<ArrayBuffer>, from: number): void {
  new DataView(payload.buffer, payload.byteOffset).setUint32(0, from, true);
}

/** The topic of a written message; `null` when it is malformed. */
export function topicOf(payload: Uint8Array): string | null {
  const start = SENDER_BYTES + 1;
  const end = start + (payload[SENDER_BYTES] ?? Infinity);
  return end <= payload.length ? decoder.decode(payload.subarray(start, end)) : null;
}

/** Reads a message, copying what it says; `null` when it is malformed. */
export function decodePublication(payload: Uint8Array<ArrayBuffer>): BusMessage | null {
  const topic = topicOf(payload);
  if (topic === null) return null;
  const from = new DataView(payload.buffer, payload.byteOffset).getUint32(0, true);
  const bytes = payload.slice(SENDER_BYTES + 1 + payload[SENDER_BYTES]);
  return new BusMessage(topic, { from, bytes });
}

/**
 * Checks a topic.
 *
 * @throws {RangeError} When it is too long.
 */
export function checkTopic(topic: string, length: number = encoder.encode(topic).length): void {
  if (length <= MAX_TOPIC_BYTES) return;
  throw new RangeError(
    `Cannot use topic as it is longer than ${MAX_TOPIC_BYTES} bytes: ${topic.slice(0, 40)}…`,
  );
}
