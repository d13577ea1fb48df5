import { boundAddress } from "./linux/bound_address.ts";
import { Libc } from "./linux/libc.ts";

/** Names the listening socket that a process is started with. */
const VARIABLE = "SLUICE_LISTEN_FD";
/** The first descriptor that systemd hands over (sd_listen_fds(3)). */
const FIRST_ACTIVATED_FD = 3;

/** A listening socket that this process was started with. */
export interface InheritedSocket {
  /** Its descriptor. */
  readonly fd: number;
  /** The interface it is bound to, where that is known. */
  readonly hostname?: string;
  /** The port it is bound to, where that is known. */
  readonly port?: number;
  /** Whether it came from systemd, at a number that workers need for something else. */
  readonly activated: boolean;
}

/** The environment of a process that is started with a listening socket. */
export function environmentFor(fd: number, port: number | undefined): Record<string, string> {
  return { [VARIABLE]: `${fd} ${port ?? ""}` };
}

/** The listening socket that this process was started with, or `null`. */
export function inheritedSocket(): InheritedSocket | null {
  if (Deno.permissions.querySync({ name: "env" }).state !== "granted") return null;
  const [fd, port] = Deno.env.get(VARIABLE)?.split(" ") ?? [];
  if (fd !== undefined) return describe(Number(fd), { activated: false, port });
  const activated = Deno.env.get("LISTEN_PID") === String(Deno.pid) &&
    Number(Deno.env.get("LISTEN_FDS")) > 0;
  return activated ? describe(FIRST_ACTIVATED_FD, { activated }) : null;
}

// Without FFI the system can't be asked.
function describe(fd: number, known: { activated: boolean; port?: string }): InheritedSocket {
  const { activated, port } = known;
  using libc = Libc.open();
  if (libc !== null) return { fd, activated, ...boundAddress(libc, fd) };
  return { fd, activated, ...(port && { port: Number(port) }) };
}
