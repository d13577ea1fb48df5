import { ListenError, type ListenErrorCode } from "../loop/mod.ts";

/**
 * Makes sure that nobody listens on a port yet: sharing it with a stranger's workers would work,
 * and be a riddle. Port 0 becomes a free one.
 *
 * @returns The port.
 * @throws {ListenError} When the port can't be had.
 */
export function claimPort(at: { hostname: string; port: number }): number {
  try {
    using listener = Deno.listen(at);
    return (listener.addr as Deno.NetAddr).port;
  } catch (cause) {
    const address = `${at.hostname}:${at.port}`;
    const [code, reason] = explain(cause, at.port);
    const message = `Cannot listen on ${address} as ${reason}`;
    throw new ListenError(message, { code, address, cause });
  }
}

function explain(error: unknown, port: number): [ListenErrorCode, string] {
  if (error instanceof Deno.errors.AddrInUse) return ["in-use", `port ${port} is taken`];
  if (error instanceof Deno.errors.NotCapable) return ["denied", "--allow-net is not given for it"];
  if (error instanceof Deno.errors.PermissionDenied) {
    return ["denied", "the system doesn't permit it"];
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return ["unavailable", "the address is none of this machine's"];
  }
  return ["failed", error instanceof Error ? error.message : String(error)];
}
