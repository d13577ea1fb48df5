import { Decoder } from "./_decoder.ts";
import { Entries } from "./_entries.ts";
import { attempt } from "./_fault.ts";
import { Reader } from "./_reader.ts";
import { resolveLimits } from "./limits.ts";
import type { DecodeLimits } from "./limits.ts";
import type { DecodeResult } from "./result.ts";

/** Where {@link decode} starts and ends, and how much it takes in. */
export interface DecodeOptions extends DecodeLimits {
  /**
   * Where the value starts in the bytes.
   * @default 0
   */
  readonly start?: number;
  /**
   * What to do with bytes after the value: `"refuse"` calls them malformed, `"allow"` leaves them
   * to the caller, who finds them at `end`.
   * @default "refuse"
   */
  readonly trailing?: "refuse" | "allow";
}

/**
 * Reads a value as PHP's `serialize()` writes it. Nothing is lost: {@link encode} gives the same
 * bytes again. No class is ever instantiated.
 *
 * What PHP itself never writes is refused even where `unserialize()` would let it pass: numbers
 * with a plus sign or leading zeros, keys that occur twice, an `r:` that leads to another `r:`, and
 * the escaped strings of PHP 6 (`S:`).
 * Time and memory are linear in the length of the input, and nesting takes no stack.
 *
 * @example A value and a fault
 * ```ts
 * import { decode, PhpArray } from "@sluice/sluice/php";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const text = new TextEncoder();
 * const result = decode(text.encode('a:2:{s:4:"name";s:4:"Zoë";s:1:"n";i:3;}'));
 * assert(result.ok && result.value instanceof PhpArray);
 * assertEquals([...result.value], [["name", "Zoë"], ["n", 3]]);
 *
 * const broken = decode(text.encode('a:1:{s:4:"name";i:x;}'));
 * assert(!broken.ok);
 * assertEquals(broken.error, { code: "malformed", offset: 18, reason: "Expected a number" });
 * ```
 *
 * @param bytes The input; it is not kept.
 * @param options Where to start and end, and the limits.
 * @returns The value and where it ends, or what is wrong with the input.
 * @throws {RangeError} When `start` or a limit is out of range; never because of the input.
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): DecodeResult {
  const limits = resolveLimits(options);
  const { start = 0, trailing = "refuse" } = options;
  if (!Number.isInteger(start) || start < 0 || start > bytes.length) {
    throw new RangeError(`Cannot start at ${start}: the input has ${bytes.length} bytes`);
  }
  const limit = start + limits.maxBytes;
  const result = attempt<DecodeResult>(() => {
    const reader = new Reader(bytes, start);
    reader.end = Math.min(bytes.length, limit);
    const root = new Entries();
    new Decoder(reader, limits).read(root, 0);
    if (trailing === "refuse" && reader.at < bytes.length) reader.fail("Data follow the value");
    return { ok: true, value: root.slotAt(0), end: reader.at };
  });
  if (result.ok || result.error.code !== "incomplete" || bytes.length <= limit) return result;
  const reason = `Longer than ${limits.maxBytes} bytes`;
  return { ok: false, error: { code: "limit", offset: limit, reason } };
}
