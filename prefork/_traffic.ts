import type { Share } from "./share.ts";
import { NoSteering, type Steering } from "./steering.ts";
import { type Libc, LibcError } from "./linux/libc.ts";
import { adoptListenSocket, openListenSocket } from "./linux/listen_socket.ts";
import { ReuseportSteering } from "./linux/reuseport_steering.ts";
import { claimPort } from "./_claim_port.ts";
import type { ListenSettings } from "./supervisor_options.ts";

/** The port that workers share, and what keeps its connections away from some of them. */
export interface Traffic extends Disposable {
  /** The port, or 0 when there is none. */
  readonly port: number;
  /** The descriptor of the listening socket that workers inherit, or -1. */
  readonly listenFd: number;
  /** What keeps connections away. */
  readonly steering: Steering;
}

/** Options of {@linkcode openTraffic}. */
export interface TrafficOptions extends ListenSettings {
  /** How the port is shared. */
  share: Share;
  /** The C library, if there is one. */
  libc: Libc | null;
  /** Called with why connections could not be kept away. */
  onFailure: (reason: string) => void;
}

/**
 * Makes the port ready for workers.
 *
 * @throws {ListenError} When it can't be had.
 * @throws {TypeError} When no socket can be handed down.
 */
export function openTraffic(options: TrafficOptions): Traffic {
  const { hostname = "0.0.0.0", port = 0, share, sharesWithPredecessor } = options;
  const at = { hostname, port };
  if (share === "inherit") return inheritable(at, options);
  const steering = share === "none" ? new NoSteering() : openSteering(options);
  const dispose = (): void => steering[Symbol.dispose]();
  const claimed = share === "none" || sharesWithPredecessor ? port : claimPort(at);
  return { port: claimed, listenFd: -1, steering, [Symbol.dispose]: dispose };
}

function inheritable(at: { hostname: string; port: number }, options: TrafficOptions): Traffic {
  const { libc, listenFd } = options;
  const steering = new NoSteering();
  if (libc === null) {
    if (listenFd !== undefined) {
      return { port: at.port, listenFd, steering, [Symbol.dispose]: () => {} };
    }
    throw new TypeError(
      "Cannot hand down a listening socket as FFI is not permitted and none was inherited",
    );
  }
  const socket = listenFd === undefined
    ? openListenSocket(libc, { ...at, port: claimPort(at) })
    : { fd: adoptListenSocket(libc, listenFd), port: at.port };
  const dispose = (): void => libc.closeDescriptor(socket.fd);
  return { port: socket.port, listenFd: socket.fd, steering, [Symbol.dispose]: dispose };
}

function openSteering({ libc, onFailure }: TrafficOptions): Steering {
  if (libc === null) return new NoSteering("FFI is not permitted");
  try {
    return new ReuseportSteering(libc, { onFailure });
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    return new NoSteering(`sockets can't be looked at (error ${error.errno})`);
  }
}
