const PATTERN = /^[0-9A-Za-z_.:-]{1,255}$/;

/**
 * Whether `text` may be a modstamp's id: 1 to 255 of `0-9 A-Z a-z _ . : -`.
 *
 * @example Valid and invalid ids
 * ```ts
 * import { isId } from "@sluice/sluice/modstamp";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isId("shop.prices:v1"));
 * assertFalse(isId("two words"));
 * assertFalse(isId("line\n"));
 * ```
 */
export function isId(text: string): boolean {
  return PATTERN.test(text);
}

/** 1 for each byte that an id may contain. */
export const ID_BYTES: Uint8Array = Uint8Array.from(
  { length: 256 },
  (_, byte) => PATTERN.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** The bytes from `start` to `end` as text, one character a byte. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  return text;
}
