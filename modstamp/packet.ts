/** Most characters of a key's id, so that it leaves room for messages. */
export const MAX_KEY_ID = 200;

/** Where the parts of a packet are. */
export interface PacketHeader {
  /** The encryptor's signature: one character, or empty for none. */
  signature: string;
  /** The encryptor's parameter, which names a key. */
  keyId: string;
  /** Where the body starts. */
  bodyStart: number;
}

/**
 * Reads the header of a packet: a length byte and the encryption information,
 * whose first byte is the encryptor's signature and the rest its parameter.
 *
 * @example A plain packet
 * ```ts
 * import { decodeHeader } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeHeader(Uint8Array.from([1, 0x70, 0x51])), {
 *   signature: "p",
 *   keyId: "",
 *   bodyStart: 2,
 * });
 * ```
 *
 * @param packet The packet.
 * @returns The header, or `null` when the packet is too short for it.
 */
export function decodeHeader(packet: Uint8Array): PacketHeader | null {
  if (packet.length === 0 || 1 + packet[0] > packet.length) return null;
  const bodyStart = 1 + packet[0];
  let text = "";
  for (let i = 1; i < bodyStart; i++) text += String.fromCharCode(packet[i]);
  return { signature: text.slice(0, 1), keyId: text.slice(1), bodyStart };
}

/**
 * Writes the header of a packet.
 *
 * @param signature The encryptor's signature.
 * @param keyId The encryptor's parameter: with the signature at most 255 Latin-1 characters.
 * @returns The header's bytes.
 */
export function encodeHeader(signature: string, keyId: string): Uint8Array<ArrayBuffer> {
  const text = signature + keyId;
  return Uint8Array.from([text.length, ...Array.from(text, (char) => char.charCodeAt(0))]);
}

/** Whether a header can carry `text` as a key's id. */
export function isKeyId(text: string): boolean {
  return text.length <= MAX_KEY_ID && [...text].every((char) => char <= "\xff");
}
