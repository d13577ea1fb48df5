import { listenFailure } from "../listen_error.ts";
import type { ListenOptions, StreamAddress } from "../stream.ts";
import { Descriptor, ipFamily, SocketOption, SocketType } from "./descriptor.ts";
import { Errno, errnoName } from "./errno.ts";
import type { Libc } from "./libc.ts";
import { findLocalAddress } from "./local_address.ts";
import type { EpollPoller } from "./poller.ts";
import { encodePath, Family, type Sockaddr } from "./sockaddr.ts";

/** A socket that listens, closed when it is disposed of. */
export interface Listening extends Disposable {
  readonly descriptor: Descriptor;
  /** Whether connections may come to several addresses of this machine. */
  readonly anywhere: boolean;
}

/** Opens a listening socket on a port or a unix socket. */
export async function openListener(
  poller: EpollPoller,
  options: ListenOptions,
): Promise<Listening> {
  if (options.path !== undefined) return openUnix(poller.libc, options.path, options);
  const { hostname = "::", port = 0, reusePort, noDelay = true, keepAlive = false } = options;
  const family = ipFamily(poller.libc);
  const told = { hostname, port };
  const address = await findLocalAddress(poller, told, { family, attempt: "listen on" });
  const descriptor = openSocket(poller.libc, family, told);
  if (family === Family.INET6) descriptor.set(SocketOption.IPV6_V6ONLY, 0);
  descriptor.set(SocketOption.REUSEADDR, 1);
  if (reusePort) descriptor.set(SocketOption.REUSEPORT, 1);
  // Connections inherit these from the socket that accepts them.
  if (noDelay) descriptor.set(SocketOption.TCP_NODELAY, 1);
  if (keepAlive) descriptor.set(SocketOption.KEEPALIVE, 1);
  start(descriptor, { address, backlog: options.backlog, told });
  return {
    descriptor,
    anywhere: hostname === "::" || hostname === "0.0.0.0",
    [Symbol.dispose]: () => descriptor[Symbol.dispose](),
  };
}

function openUnix(libc: Libc, path: string, options: ListenOptions): Listening {
  const address = encodePath(path);
  removeStale(libc, path);
  const descriptor = openSocket(libc, Family.UNIX, { path });
  start(descriptor, { address, backlog: options.backlog, told: { path } });
  return {
    descriptor,
    anywhere: false,
    [Symbol.dispose]: () => {
      descriptor[Symbol.dispose]();
      libc.calls.unlink(address.bytes.subarray(2));
    },
  };
}

function openSocket(libc: Libc, family: number, told: StreamAddress): Descriptor {
  const descriptor = Descriptor.socket(libc, { family, type: SocketType.STREAM });
  if (typeof descriptor !== "number") return descriptor;
  throw listenFailure("listen on", told, { errno: errnoName(descriptor) });
}

function start(
  descriptor: Descriptor,
  options: { address: Sockaddr; backlog: number | undefined; told: StreamAddress },
): void {
  const errno = descriptor.bind(options.address) || descriptor.listen(options.backlog ?? 511);
  if (errno === 0) return;
  descriptor[Symbol.dispose]();
  throw listenFailure("listen on", options.told, { errno: errnoName(errno) });
}

/** Removes a unix socket on which nobody listens any more, as its process left it behind. */
function removeStale(libc: Libc, path: string): void {
  const address = encodePath(path);
  using probe = openSocket(libc, Family.UNIX, { path });
  if (probe.connect(address) !== Errno.ECONNREFUSED || !isSocket(path)) return;
  libc.calls.unlink(address.bytes.subarray(2));
}

function isSocket(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSocket === true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return false;
    }
    throw error;
  }
}
