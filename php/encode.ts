import { Encoder } from "./_encoder.ts";
import { checkLimit } from "./limits.ts";
import type { PhpSlot } from "./value.ts";

/** How {@link encode} writes. */
export interface EncodeOptions {
  /**
   * How deep arrays and objects may be nested; what holds itself is nested without end.
   * @default 512
   */
  readonly maxDepth?: number;
}

const MAX_DEPTH = 512;

/**
 * Fills in and checks the option.
 *
 * @param options The options that are given.
 * @returns The greatest depth.
 * @throws {RangeError} When it is not an integer from 0 on, nor `Infinity`.
 */
export function resolveDepth(options: EncodeOptions): number {
  return checkLimit("maxDepth", options.maxDepth ?? MAX_DEPTH);
}

/**
 * Writes a value as PHP's `serialize()` does. An object that stands in several places is written
 * once, and as `r:` with its number elsewhere; a {@link PhpReference} likewise as `R:`.
 *
 * @example An object in two places
 * ```ts
 * import { encode, PhpArray, PhpObject } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * const user = new PhpObject("User", new PhpArray([["name", "Bob"]]));
 * const bytes = encode(PhpArray.list([user, user]));
 * assertEquals(
 *   new TextDecoder().decode(bytes),
 *   'a:2:{i:0;O:4:"User":1:{s:4:"name";s:3:"Bob";}i:1;r:2;}',
 * );
 * ```
 *
 * @param value The value; see `fromPlain()` for plain objects, lists and numbers with fractions.
 * @param options How deep it may be nested.
 * @returns The bytes.
 * @throws {TypeError} When something in it is no PHP value, or half of a surrogate pair.
 * @throws {RangeError} When an integer is out of range, the nesting too deep, or a custom payload
 * refers by number to values that now have other numbers.
 */
export function encode(value: PhpSlot, options: EncodeOptions = {}): Uint8Array {
  const encoder = new Encoder(resolveDepth(options));
  encoder.write(value);
  return encoder.writer.finish();
}
