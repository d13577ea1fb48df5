import { PhpBytes } from "./bytes.ts";
import type { PhpString } from "./bytes.ts";

/**
 * The key of an array or the name of a property as it is stored: an integer (a `number` when it is
 * safe, otherwise a `bigint`) or a string. `1` and `"1"` are two keys, as they are two forms on the
 * wire, although a running PHP makes an integer of both.
 */
export type PhpKey = number | bigint | PhpString;

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;

/**
 * Brings an integer into the one form that stands for it.
 *
 * @param value An integer.
 * @returns A number when that is exact, otherwise a bigint.
 * @throws {RangeError} When a number is not a safe integer, or a bigint has more than 64 bits.
 */
export function normalizeInt(value: number | bigint): number | bigint {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return value;
    const form = Object.is(value, -0) ? "-0" : String(value);
    throw new RangeError(`Cannot take ${form} as an integer of PHP: use PhpFloat, or a bigint`);
  }
  if (value < MIN_INT || value > MAX_INT) {
    throw new RangeError(`Cannot take ${value} as an integer of PHP: it has more than 64 bits`);
  }
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/**
 * Brings a key into the one form that stands for it.
 *
 * @param key The key.
 * @returns The key, an integer normalized.
 * @throws {TypeError} When it is no key.
 * @throws {RangeError} When it is an integer that PHP cannot hold.
 */
export function normalizeKey(key: PhpKey): PhpKey {
  if (typeof key === "string" || key instanceof PhpBytes) return key;
  if (typeof key === "number" || typeof key === "bigint") return normalizeInt(key);
  throw new TypeError(`Cannot use a key of type ${typeof key}: it is neither integer nor string`);
}

/**
 * Tells whether two normalized keys are the same.
 *
 * @param a One key.
 * @param b The other.
 * @returns Whether type and content are equal.
 */
export function sameKey(a: PhpKey, b: PhpKey): boolean {
  if (a === b) return true;
  if (!(a instanceof PhpBytes && b instanceof PhpBytes)) return false;
  return a.bytes.length === b.bytes.length && a.bytes.every((byte, at) => byte === b.bytes[at]);
}

/**
 * A text that tells keys apart, for a `Map`. Every text starts with a letter because the hash of
 * integers and of texts that look like integers is not secret: a peer could choose keys that all
 * fall into one bucket.
 *
 * @param key A normalized key.
 * @returns The text.
 */
export function keyText(key: PhpKey): string {
  if (typeof key === "string") return `s${key}`;
  if (!(key instanceof PhpBytes)) return `i${key}`;
  let text = "b";
  for (const byte of key.bytes) text += String.fromCharCode(byte);
  return text;
}
