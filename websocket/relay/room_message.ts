const TEXT = 0;
const BINARY = 1;
const HEAD_BYTES = 3;
const encoder = new TextEncoder();

/** What one server tells the others of a room. */
export interface RoomMessage {
  readonly room: string;
  readonly data: string | Uint8Array;
}

/** Writes a message: its kind, the length of the room's name (2 bytes), the name, the message. */
export function encodeRoomMessage({ room, data }: RoomMessage): Uint8Array {
  const name = encoder.encode(room);
  const payload = typeof data === "string" ? encoder.encode(data) : data;
  const bytes = new Uint8Array(HEAD_BYTES + name.length + payload.length);
  bytes[0] = typeof data === "string" ? TEXT : BINARY;
  new DataView(bytes.buffer).setUint16(1, name.length);
  bytes.set(name, HEAD_BYTES);
  bytes.set(payload, HEAD_BYTES + name.length);
  return bytes;
}

/** Reads a message, or gives `null` when it is none. */
export function decodeRoomMessage(bytes: Uint8Array): RoomMessage | null {
  if (bytes.length < HEAD_BYTES || bytes[0] > BINARY) return null;
  const end = HEAD_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint16(1);
  if (end > bytes.length) return null;
  const decoder = new TextDecoder();
  const room = decoder.decode(bytes.subarray(HEAD_BYTES, end));
  const payload = bytes.slice(end);
  return { room, data: bytes[0] === TEXT ? decoder.decode(payload) : payload };
}
