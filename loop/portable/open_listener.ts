import { lacksIpv6, listenFailure } from "../listen_error.ts";
import type { ListenOptions } from "../stream.ts";
import { errnoOf } from "./errno.ts";

/** A listener of the platform. */
export interface Bound {
  /** The listener. */
  listener: Deno.Listener;
  /** To be called when it was closed. */
  onClosed?: () => void;
}

/** Opens a listener of the platform on a port or a unix socket. */
export async function openListener(options: ListenOptions): Promise<Bound> {
  const { hostname, path, tls } = options;
  if (path !== undefined) {
    if (!tls) return await openUnix(path);
    throw new TypeError("Cannot listen as the portable poller speaks no TLS on unix sockets");
  }
  return { listener: openFirst(options, hostname === undefined ? ["::", "0.0.0.0"] : [hostname]) };
}

/** Listens on the first of the hosts, or the next one where the machine doesn't speak IPv6. */
function openFirst(options: ListenOptions, [hostname, ...others]: string[]): Deno.Listener {
  try {
    return openTcp(options, hostname);
  } catch (cause) {
    const errno = errnoOf(cause);
    if (others.length > 0 && lacksIpv6(errno)) return openFirst(options, others);
    throw listenFailure("listen on", { hostname, port: options.port ?? 0 }, { errno, cause });
  }
}

function openTcp(options: ListenOptions, hostname: string): Deno.Listener {
  const { port = 0, backlog = 511, reusePort = false, tls } = options;
  const common = { hostname, port, reusePort, tcpBacklog: backlog };
  return tls ? Deno.listenTls({ ...common, ...tls }) : Deno.listen(common);
}

async function openUnix(path: string): Promise<Bound> {
  let listener: Deno.Listener;
  try {
    if (await isStale(path)) Deno.removeSync(path);
    listener = Deno.listen({ transport: "unix", path });
  } catch (cause) {
    throw listenFailure("listen on", { path }, { errno: errnoOf(cause), cause });
  }
  const { ino } = Deno.lstatSync(path);
  return { listener, onClosed: () => removeOwn(path, ino) };
}

/** Whether nobody listens any more on the unix socket that a process left behind. */
async function isStale(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    return errnoOf(error) === "ECONNREFUSED" && Deno.lstatSync(path).isSocket === true;
  }
  return false;
}

/** Removes a unix socket, unless somebody has put another in its place. */
function removeOwn(path: string, ino: number | null): void {
  try {
    if (Deno.lstatSync(path).ino === ino) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
