import { createHmac, timingSafeEqual } from "node:crypto";

const MARK = "s:";

/**
 * Signs a value as express does: `s:`, the value, a dot, and HMAC-SHA256 in
 * Base64 without padding.
 *
 * @example Sign and check
 * ```ts
 * import { signCookie, unsignCookie } from "@sluice/sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * const cookie = signCookie("abc", "keyboard cat");
 * assertEquals(unsignCookie(cookie, ["new secret", "keyboard cat"]), "abc");
 * assertEquals(unsignCookie(cookie, ["another"]), null);
 * ```
 *
 * @param value The value.
 * @param secret The secret.
 * @returns The signed value; it is not percent-encoded.
 */
export function signCookie(value: string, secret: string): string {
  return `${MARK}${value}.${signatureOf(value, secret)}`;
}

/**
 * Checks a signed value, in a time that does not tell how near it is.
 *
 * @param signed What the client sent, percent-decoded.
 * @param secrets The secrets that may have signed it.
 * @returns The value, or `null` when none of them did.
 */
export function unsignCookie(signed: string, secrets: readonly string[]): string | null {
  const dot = signed.lastIndexOf(".");
  if (!signed.startsWith(MARK) || dot < MARK.length) return null;
  const value = signed.slice(MARK.length, dot);
  const given = new TextEncoder().encode(signed.slice(dot + 1));
  for (const secret of secrets) {
    const expected = new TextEncoder().encode(signatureOf(value, secret));
    if (expected.length === given.length && timingSafeEqual(expected, given)) return value;
  }
  return null;
}

function signatureOf(value: string, secret: string): string {
  return createHmac("sha256", secret).update(value).digest("base64").replace(/=+$/, "");
}
