import { BINARY, classify } from "./_utf8.ts";

/**
 * A string of PHP, which is a row of bytes: a JavaScript string when the bytes are valid UTF-8,
 * {@link PhpBytes} when they are not. Exactly one of the two forms stands for given bytes, so that
 * nothing is lost either way.
 */
export type PhpString = string | PhpBytes;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * A PHP string that is not valid UTF-8, such as a hash, a key or text in an old encoding.
 *
 * @example Bytes that are not text
 * ```ts
 * import { decode, PhpBytes } from "@sluice/sluice/php";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const result = decode(new Uint8Array([115, 58, 49, 58, 34, 255, 34, 59]));
 * assert(result.ok && result.value instanceof PhpBytes);
 * assertEquals(result.value.bytes, new Uint8Array([255]));
 * assertEquals(result.value.text, "\ufffd");
 * ```
 */
export class PhpBytes {
  /** The bytes; they are not copied, so leave them as they are. */
  readonly bytes: Uint8Array;

  /**
   * Takes bytes that are not text; see {@link phpString} for bytes that may be.
   *
   * @param bytes The bytes, which are not copied.
   * @throws {TypeError} When they are valid UTF-8, for which the form is a JavaScript string.
   */
  constructor(bytes: Uint8Array) {
    if (classify(bytes, 0, bytes.length) !== BINARY) {
      throw new TypeError("Cannot hold valid UTF-8 as PhpBytes: use a string, or phpString()");
    }
    this.bytes = bytes;
  }

  /** The bytes as text, with U+FFFD for what is not UTF-8. */
  get text(): string {
    return decoder.decode(this.bytes);
  }

  /**
   * Gives the text, so that a template shows something readable.
   *
   * @returns The same as {@link PhpBytes.text}.
   */
  toString(): string {
    return this.text;
  }
}

/**
 * Makes a PHP string of bytes.
 *
 * @example Text or bytes
 * ```ts
 * import { PhpBytes, phpString } from "@sluice/sluice/php";
 * import { assertEquals, assertInstanceOf } from "@std/assert";
 *
 * assertEquals(phpString(new Uint8Array([0xc5, 0xbe])), "ž");
 * assertInstanceOf(phpString(new Uint8Array([0xc5])), PhpBytes);
 * ```
 *
 * @param bytes The bytes of the string; not copied when they are not text.
 * @returns A JavaScript string when they are valid UTF-8, otherwise {@link PhpBytes}.
 */
export function phpString(bytes: Uint8Array): PhpString {
  const kind = classify(bytes, 0, bytes.length);
  return kind === BINARY ? new PhpBytes(bytes) : decoder.decode(bytes);
}

/**
 * Gives the bytes of a PHP string, whichever form it has.
 *
 * @example Both forms
 * ```ts
 * import { bytesOf, PhpBytes } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bytesOf("ž"), new Uint8Array([0xc5, 0xbe]));
 * assertEquals(bytesOf(new PhpBytes(new Uint8Array([0xff]))), new Uint8Array([0xff]));
 * ```
 *
 * @param string The string.
 * @returns Its bytes.
 * @throws {TypeError} When a JavaScript string holds half of a surrogate pair, which has no bytes.
 */
export function bytesOf(string: PhpString): Uint8Array {
  if (typeof string !== "string") return string.bytes;
  if (!string.isWellFormed()) {
    throw new TypeError("Cannot encode a string as it holds half of a surrogate pair");
  }
  return encoder.encode(string);
}
