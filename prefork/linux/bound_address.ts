import { formatIp } from "../../loop/mod.ts";
import { int32, type Libc } from "./libc.ts";

const AF_INET6 = 10;
/** Where address and port stand in `sockaddr_in` and `sockaddr_in6`. */
const PORT_OFFSET = 2;
const IPV4_OFFSET = 4;
const IPV6_OFFSET = 8;
const NAME_BYTES = 128;

/** What a socket is bound to, as the system writes it. */
export function boundName(
  libc: Libc,
  fd: number,
): { name: Uint8Array<ArrayBuffer>; length: number } {
  const name = new Uint8Array(NAME_BYTES);
  const length = int32(name.length);
  libc.check("name a socket", libc.symbols.getsockname(fd, name, length));
  return { name, length: new DataView(length.buffer).getInt32(0, true) };
}

/** Where a socket listens. */
export function boundAddress(libc: Libc, fd: number): { hostname: string; port: number } {
  const { name } = boundName(libc, fd);
  const view = new DataView(name.buffer);
  const port = view.getUint16(PORT_OFFSET);
  if (view.getUint16(0, true) === AF_INET6) {
    return { hostname: formatIp(name.slice(IPV6_OFFSET, IPV6_OFFSET + 16)), port };
  }
  return { hostname: name.slice(IPV4_OFFSET, IPV4_OFFSET + 4).join("."), port };
}
