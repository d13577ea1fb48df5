import type { StreamAddress } from "./stream.ts";

/**
 * Writes an address for people.
 *
 * @example Addresses
 * ```ts
 * import { formatAddress } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatAddress({ hostname: "::1", port: 80 }), "[::1]:80");
 * assertEquals(formatAddress({ path: "/run/socket" }), "/run/socket");
 * ```
 *
 * @param address Where a socket is.
 * @returns `host:port`, `[host]:port` or a path.
 */
export function formatAddress(address: StreamAddress): string {
  if ("path" in address) return address.path;
  const { hostname, port } = address;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
