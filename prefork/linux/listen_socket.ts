import type { Libc } from "./libc.ts";
import { socketsOf } from "./process_sockets.ts";

const F_DUPFD = 0;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
/** Out of the way of descriptors that processes are given by number. */
const LEAST_FD = 100;
const BACKLOG = 4096;

/** A listening socket that is handed down to processes started from here. */
export interface ListenSocket {
  /** Its descriptor, here and there. */
  readonly fd: number;
  /** The port it is bound to. */
  readonly port: number;
}

/**
 * Opens a listening socket that processes started from here inherit.
 *
 * @throws When the port can't be had.
 */
export function openListenSocket(
  libc: Libc,
  at: { hostname: string; port: number },
): ListenSocket {
  const before = socketsOf(libc, Deno.pid);
  using listener = Deno.listen(at);
  const { port } = listener.addr as Deno.NetAddr;
  const found = [...socketsOf(libc, Deno.pid)].find(([inode]) => !before.has(inode));
  // The copy, unlike the original, is not closed when another program is started.
  const fd = libc.check("copy a descriptor", libc.symbols.fcntl(found![1], F_DUPFD, LEAST_FD));
  libc.check("listen", libc.symbols.listen(fd, BACKLOG));
  return { fd, port };
}

/**
 * Makes an inherited listening socket fit for being handed down further: several processes that
 * wait for it must not block when another one was faster.
 *
 * @returns A copy of the descriptor.
 */
export function adoptListenSocket(libc: Libc, fd: number): number {
  const copy = libc.check("copy a descriptor", libc.symbols.fcntl(fd, F_DUPFD, LEAST_FD));
  const flags = libc.check("read flags", libc.symbols.fcntl(copy, F_GETFL, 0));
  libc.check("set flags", libc.symbols.fcntl(copy, F_SETFL, flags | O_NONBLOCK));
  return copy;
}
