import { createHash } from "node:crypto";

/** A digest of bytes, as text that a URL or header may hold: 4 characters for each 3 bytes. */
export function digest(bytes: Uint8Array, length: number): string {
  const hash = createHash("sha256").update(bytes).digest();
  return new Uint8Array(hash).subarray(0, length).toBase64({ alphabet: "base64url" });
}
