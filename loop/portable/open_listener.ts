import { lacksIpv6, listenFailure } from "../listen_error.ts";
import type { ListenOptions } from "../stream.ts";
import { errnoOf } from "./errno.ts";

/** Opens a listener of the platform on a port or a unix socket. */
export async function openListener(options: ListenOptions): Promise<Deno.Listener> {
  const { hostname, path, tls } = options;
  if (path !== undefined) {
    if (!tls) return await openUnix(path);
    throw new TypeError("Cannot listen as the portable poller speaks no TLS on unix sockets");
  }
  return openFirst(options, hostname === undefined ? ["::", "0.0.0.0"] : [hostname]);
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

async function openUnix(path: string): Promise<Deno.Listener> {
  try {
    if (await isStale(path)) Deno.removeSync(path);
    return Deno.listen({ transport: "unix", path });
  } catch (cause) {
    throw listenFailure("listen on", { path }, { errno: errnoOf(cause), cause });
  }
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
