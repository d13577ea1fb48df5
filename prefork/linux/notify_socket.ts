import { Libc } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const FAMILY_BYTES = 2;
const encoder = new TextEncoder();

/**
 * Sends a datagram to a unix socket, by FFI.
 *
 * @param path The path of the socket; one that begins with `@` is abstract.
 * @returns Whether it was sent: not where FFI is not permitted or nobody listens.
 */
export function sendUnixDatagram(path: string, text: string): boolean {
  using libc = Libc.open();
  if (libc === null) return false;
  const name = encoder.encode(path);
  const address = new Uint8Array(FAMILY_BYTES + name.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, FAMILY_BYTES);
  if (path.startsWith("@")) address[FAMILY_BYTES] = 0;
  const fd = libc.symbols.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
  if (fd < 0) return false;
  const bytes = encoder.encode(text);
  const sent = libc.symbols.sendto(
    fd,
    bytes,
    BigInt(bytes.length),
    0,
    address,
    address.length,
  );
  libc.closeDescriptor(fd);
  return Number(sent) === bytes.length;
}
