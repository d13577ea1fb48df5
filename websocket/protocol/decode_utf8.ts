import { Buffer } from "node:buffer";
import { Utf8Validator } from "./utf8_validator.ts";

/**
 * The text that `bytes` are; a byte order mark is part of it.
 *
 * @returns The text, or `null` when `bytes` are no UTF-8.
 */
export function decodeUtf8(bytes: Uint8Array<ArrayBuffer>): string | null {
  const validator = new Utf8Validator();
  if (!validator.push(bytes, 0, bytes.length) || !validator.complete) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
