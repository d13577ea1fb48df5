import { formatIp, parseIp } from "../ip_address.ts";
import type { StreamAddress } from "../stream.ts";

/** The address of one end of a connection, an IPv4-mapped one as IPv4. */
export function streamAddress(address: Deno.Addr): StreamAddress {
  if ("hostname" in address) {
    const ip = parseIp(address.hostname);
    return {
      hostname: ip === null ? address.hostname : formatIp(ip),
      port: address.port,
    };
  }
  // The end of a unix socket that was never bound has no path.
  return { path: (address as { path?: string | null }).path ?? "" };
}
