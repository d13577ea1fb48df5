import type { RandomSource } from "../../loop/mod.ts";

/** Shorter ones could be guessed, longer ones are of no use. */
const PATTERN = /^[0-9A-Za-z_,-]{22,128}$/;
const DIGITS = "0123456789abcdefghijklmnopqrstuv";
const LENGTH = 32;

/**
 * Whether a text can be the id of a session: 22 to 128 of the characters that
 * PHP and express-session use.
 *
 * @example Ids
 * ```ts
 * import { isSessionId } from "@sluice/sluice/websocket";
 * import { assert } from "@std/assert";
 *
 * assert(isSessionId("qk3v8d0c5m1r7t2u4p6s9a0b2e"));
 * assert(!isSessionId("../../etc/passwd"));
 * ```
 *
 * @param text Any text.
 * @returns Whether it can.
 */
export function isSessionId(text: string): boolean {
  return PATTERN.test(text);
}

/** Makes an id of 160 random bits, in characters that any web application takes. */
export function newSessionId(random: RandomSource): string {
  return Array.from(random.bytes(LENGTH), (byte) => DIGITS[byte % DIGITS.length]).join("");
}
