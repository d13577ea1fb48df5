import { listenFailure } from "../listen_error.ts";
import { Endpoint } from "./endpoint.ts";
import type { Machine } from "./machine.ts";
import type { PortHolder, PortTable } from "./port_table.ts";

/** Options of {@linkcode claimAddress}. */
export interface ClaimAddressOptions {
  /** What the address is for. */
  attempt: "listen on" | "bind";
  /**
   * The interface.
   *
   * @default {"::"}
   */
  hostname?: string;
  /**
   * The port; 0 for any.
   *
   * @default {0}
   */
  port?: number;
  /**
   * Whether the port is shared with others that do the same.
   *
   * @default {false}
   */
  reusePort?: boolean;
}

/**
 * Finds out where a socket of a machine is bound.
 *
 * @throws {ListenError} When it can't be bound there.
 */
export function claimAddress(
  machine: Machine,
  table: PortTable<PortHolder>,
  options: ClaimAddressOptions,
): Endpoint {
  const { attempt, hostname = "::", reusePort = false } = options;
  const ip = machine.bindable(hostname);
  const port = options.port || table.freePort();
  const fail = (errno: string): Error =>
    listenFailure(attempt, { hostname, port: options.port ?? 0 }, { errno });
  if (ip === undefined) throw fail("EADDRNOTAVAIL");
  const local = new Endpoint(ip, port);
  if (port === 0 || !table.allows(local, reusePort)) throw fail("EADDRINUSE");
  return local;
}
