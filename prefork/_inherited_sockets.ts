/** Where the number of a listening socket stands that this process was started with. */
export const LISTEN_FD = "SLUICE_LISTEN_FD";
/** The first descriptor that systemd hands over (sd_listen_fds(3)). */
const FIRST_ACTIVATED_FD = 3;

/** A listening socket that this process was started with. */
export interface InheritedSocket {
  /** Its descriptor. */
  readonly fd: number;
  /** The interface it is bound to. */
  readonly hostname: string;
  /** The port it is bound to. */
  readonly port: number;
  /** Whether it came from systemd, at a number that workers need for something else. */
  readonly activated: boolean;
}

/** The listening socket that this process was started with, or `null`. */
export function inheritedSocket(): InheritedSocket | null {
  const handed = Deno.env.get(LISTEN_FD);
  if (handed !== undefined) return describe(Number(handed), false);
  if (Deno.env.get("LISTEN_PID") !== String(Deno.pid)) return null;
  return Number(Deno.env.get("LISTEN_FDS")) > 0 ? describe(FIRST_ACTIVATED_FD, true) : null;
}

function describe(fd: number, activated: boolean): InheritedSocket | null {
  const address = boundAddress(fd);
  return address === null ? null : { fd, activated, ...address };
}

/** Where a socket listens, from the tables of the kernel; `null` when it doesn't. */
function boundAddress(fd: number): { hostname: string; port: number } | null {
  const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/self/fd/${fd}`))?.[1];
  for (const family of ["tcp", "tcp6"]) {
    for (const line of Deno.readTextFileSync(`/proc/self/net/${family}`).split("\n")) {
      const [, local, , state, , , , , , found] = line.trim().split(/\s+/);
      if (inode === undefined || found !== inode || state !== "0A") continue;
      const [address, port] = local.split(":");
      return { hostname: readableAddress(address), port: parseInt(port, 16) };
    }
  }
  return null;
}

/** The kernel writes IPv4 addresses as a number of this machine, lowest byte first. */
function readableAddress(hex: string): string {
  if (hex.length > 8) return "::";
  return hex.match(/../g)!.reverse().map((byte) => parseInt(byte, 16)).join(".");
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
