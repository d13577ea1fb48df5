import { hash } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Whether `key` is 16 bytes in base64, as `Sec-WebSocket-Key` must be (RFC 6455, 4.1). */
export function isHandshakeKey(key: string): boolean {
  // 16 bytes leave four bits over, so the last character is one of four.
  return /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key);
}

/** The `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key` (RFC 6455, 4.2.2). */
export function acceptKey(key: string): string {
  return hash("sha1", key + GUID, "base64");
}
