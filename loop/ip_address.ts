/** The first twelve bytes of an IPv4 address that is mapped into IPv6 (RFC 4291, 2.5.5.2). */
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/**
 * Reads an IPv4 or IPv6 address in text form (RFC 4291, 2.2) into 16 bytes. An
 * IPv4 address becomes its IPv4-mapped IPv6 address, so that both forms of one
 * address are equal. A zone (`%eth0`) is not accepted.
 *
 * @example Both forms of one address are equal
 * ```ts
 * import { parseIp } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseIp("127.0.0.1"), parseIp("::ffff:7f00:1"));
 * assertEquals(parseIp("localhost"), null);
 * ```
 *
 * @param text The address.
 * @returns Its 16 bytes, or `null` when `text` is no address.
 */
export function parseIp(text: string): Uint8Array<ArrayBuffer> | null {
  if (!text.includes(":")) {
    const four = parseIpv4(text);
    return four && Uint8Array.from([...MAPPED_PREFIX, ...four]);
  }
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  const bytes = new Uint8Array(16);
  bytes.set(head);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/**
 * Writes 16 bytes as text: an IPv4-mapped address as IPv4, others as RFC 5952
 * recommends.
 *
 * @example The shortest form
 * ```ts
 * import { formatIp, parseIp } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatIp(parseIp("2001:DB8:0:0:0::1")!), "2001:db8::1");
 * assertEquals(formatIp(parseIp("::ffff:10.0.0.1")!), "10.0.0.1");
 * ```
 *
 * @param bytes The address, 16 bytes.
 * @returns Its text.
 */
export function formatIp(bytes: Uint8Array): string {
  if (MAPPED_PREFIX.every((byte, i) => bytes[i] === byte)) return bytes.subarray(12).join(".");
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i] << 8) | bytes[i + 1]);
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    bytes.push(Number(part));
  }
  return bytes;
}

function parseGroups(text: string, last: boolean): number[] | null {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [i, group] of groups.entries()) {
    if (last && i === groups.length - 1 && group.includes(".")) {
      const four = parseIpv4(group);
      if (four === null) return null;
      bytes.push(...four);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

function longestZeroRun(groups: number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (start + length < groups.length && groups[start + length] === 0) length++;
    if (length > best[1]) best = [start, length];
    start += length;
  }
  return best;
}
