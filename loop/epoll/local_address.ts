import { listenFailure } from "../listen_error.ts";
import type { Poller } from "../poller.ts";
import type { SocketAddress } from "../peer_table.ts";
import { encodeIpAddress, type IpFamily, type Sockaddr } from "./sockaddr.ts";

/**
 * The address that a socket is to be bound to, its name looked up.
 *
 * @param poller Knows the names.
 * @param address The address or name, and the port.
 * @param options The family of the socket, and what it is bound for.
 * @throws {ListenError} When it has no address of the family.
 */
export async function findLocalAddress(
  poller: Pick<Poller, "resolve">,
  address: SocketAddress,
  options: { family: IpFamily; attempt: "bind" | "listen on" },
): Promise<Sockaddr> {
  const { family, attempt } = options;
  const own = encodeIpAddress(address, family);
  if (own !== null) return own;
  let found: string[];
  try {
    found = await poller.resolve(address.hostname);
  } catch (cause) {
    throw listenFailure(attempt, address, { errno: "ENOTFOUND", cause });
  }
  for (const hostname of found) {
    const encoded = encodeIpAddress({ hostname, port: address.port }, family);
    if (encoded !== null) return encoded;
  }
  throw listenFailure(attempt, address, { errno: "EAFNOSUPPORT" });
}
