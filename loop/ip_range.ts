import { parseIp } from "./ip_address.ts";

/**
 * A range of IP addresses in CIDR notation (RFC 4632), or a single address.
 * IPv4 ranges contain the IPv4-mapped IPv6 forms of their addresses too.
 *
 * @example A private network
 * ```ts
 * import { IpRange, parseIp } from "@sluice/sluice/loop";
 * import { assert, assertEquals, assertFalse } from "@std/assert";
 *
 * const range = IpRange.parse("10.0.0.0/8")!;
 * assert(range.contains(parseIp("::ffff:10.1.2.3")!));
 * assertFalse(range.contains(parseIp("11.0.0.1")!));
 * assertEquals(IpRange.parse("10.0.0.0/33"), null);
 * ```
 */
export class IpRange {
  readonly #first: Uint8Array;
  readonly #bits: number;
  readonly #text: string;

  private constructor(text: string, options: { first: Uint8Array; bits: number }) {
    this.#text = text;
    this.#first = options.first;
    this.#bits = options.bits;
  }

  /**
   * Reads a range.
   *
   * @param text `address` or `address/bits`.
   * @returns The range, or `null` when `text` is none.
   */
  static parse(text: string): IpRange | null {
    const [address, bits, ...rest] = text.split("/");
    const first = parseIp(address);
    if (first === null || rest.length > 0) return null;
    const width = address.includes(":") ? 128 : 32;
    if (bits === undefined) return new IpRange(text, { first, bits: 128 });
    if (!/^\d{1,3}$/.test(bits) || Number(bits) > width) return null;
    return new IpRange(text, { first, bits: 128 - width + Number(bits) });
  }

  /** Whether the range contains an address of 16 bytes, IPv4 mapped. */
  contains(ip: Uint8Array): boolean {
    const whole = this.#bits >> 3;
    for (let i = 0; i < whole; i++) if (ip[i] !== this.#first[i]) return false;
    const rest = this.#bits & 7;
    return rest === 0 || ((ip[whole] ^ this.#first[whole]) >> (8 - rest)) === 0;
  }

  /** The range as it was written. */
  toString(): string {
    return this.#text;
  }
}
