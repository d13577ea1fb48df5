import vectors from "../../vectors/sessions.json" with { type: "json" };

/** Sessions as PHP and express-session have stored them. */
export { vectors };

/** Bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The text of bytes. */
export function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
