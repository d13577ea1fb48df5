import { lookup } from "node:dns/promises";

/** Asks the system's resolver, the hosts file included, for the addresses of a host. */
export async function resolveHostname(hostname: string): Promise<string[]> {
  const found = await lookup(hostname, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}
