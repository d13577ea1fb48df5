import { PortTakenError } from "./port_taken_error.ts";

/**
 * Makes sure that nobody listens on a port yet: sharing it with a stranger's workers would work,
 * and be a riddle. Port 0 becomes a free one.
 *
 * @returns The port.
 * @throws {PortTakenError} When somebody does.
 */
export function claimPort(at: { hostname: string; port: number }): number {
  try {
    using listener = Deno.listen(at);
    return (listener.addr as Deno.NetAddr).port;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw new PortTakenError(at, error);
    throw error;
  }
}
