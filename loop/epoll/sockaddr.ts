import { formatIp, parseIp } from "../ip_address.ts";
import type { SocketAddress } from "../peer_table.ts";
import type { StreamAddress } from "../stream.ts";
import { nativeWords } from "./native_memory.ts";
import { SOCKADDR_IN6_BYTES, SOCKADDR_IN_BYTES, SOCKADDR_UN_BYTES } from "./layout.ts";

/** Families of addresses. */
export const Family = { UNIX: 1, INET: 2, INET6: 10 } as const;

/** A family of IP addresses. */
export type IpFamily = typeof Family.INET | typeof Family.INET6;

/** Longest path of a unix socket, in bytes: one more ends it. */
const MAX_PATH_BYTES = SOCKADDR_UN_BYTES - 3;

/** Room for any address, and too much for memory that moves. */
const BUFFER_BYTES = 128;

/** An address as the system calls take it. */
export interface Sockaddr {
  /** Its bytes, in memory that does not move. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many of them count. */
  readonly length: number;
}

/**
 * An IP address and port as a `sockaddr_in6` or, in the family of IPv4, `sockaddr_in`.
 *
 * @param address The address; a zone must be numeric.
 * @param family The family. In that of IPv6, an IPv4 address is mapped.
 * @returns `null` when the hostname is no address or has no place in the family.
 */
export function encodeIpAddress(address: SocketAddress, family: IpFamily): Sockaddr | null {
  const [text, zone] = address.hostname.split("%");
  const ip = parseIp(text);
  if (ip === null) return null;
  const bytes = new Uint8Array(BUFFER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, true);
  view.setUint16(2, address.port);
  if (family === Family.INET) {
    if (text.includes(":") && text !== "::") return null;
    bytes.set(ip.subarray(12), 4);
    return { bytes, length: SOCKADDR_IN_BYTES };
  }
  bytes.set(ip, 8);
  view.setUint32(24, zone === undefined ? 0 : Number(zone) || 0, true);
  return { bytes, length: SOCKADDR_IN6_BYTES };
}

/** Whether a hostname is an IPv4 address. */
export function isIpv4(hostname: string): boolean {
  return !hostname.includes(":") && parseIp(hostname) !== null;
}

/**
 * The path of a unix socket as a `sockaddr_un`.
 *
 * @throws {RangeError} When the path is empty or too long for the system.
 */
export function encodePath(path: string): Sockaddr {
  const text = new TextEncoder().encode(path);
  if (text.length === 0 || text.length > MAX_PATH_BYTES) {
    throw new RangeError(
      `Cannot use unix socket as its path must have 1 to ${MAX_PATH_BYTES} bytes: received ${text.length}`,
    );
  }
  const bytes = new Uint8Array(BUFFER_BYTES);
  bytes[0] = Family.UNIX;
  bytes.set(text, 2);
  return { bytes, length: 2 + text.length + 1 };
}

/**
 * The address in a `sockaddr` that a call has filled in.
 *
 * @param bytes The memory.
 * @param length The length that the call told.
 */
export function decodeSockaddr(bytes: Uint8Array<ArrayBuffer>, length: number): StreamAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const family = view.getUint16(0, true);
  if (family === Family.INET) {
    return { hostname: bytes.subarray(4, 8).join("."), port: view.getUint16(2) };
  }
  if (family === Family.INET6) {
    const hostname = formatIp(bytes.subarray(8, 24));
    const zone = view.getUint32(24, true);
    return { hostname: zone === 0 ? hostname : `${hostname}%${zone}`, port: view.getUint16(2) };
  }
  const text = bytes.subarray(2, Math.max(2, length));
  const end = text.indexOf(0);
  return { path: new TextDecoder().decode(end < 0 ? text : text.subarray(0, end)) };
}

/** Memory for an address that a call fills in. */
export class SockaddrBuffer {
  /** The address. */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(BUFFER_BYTES);
  /** Its length, as the only element that counts: for the call, how much room there is. */
  readonly length: Uint32Array<ArrayBuffer> = nativeWords(1);

  constructor() {
    this.length[0] = BUFFER_BYTES;
  }

  /** The address that was filled in. */
  decode(): StreamAddress {
    return decodeSockaddr(this.bytes, this.length[0]);
  }
}
