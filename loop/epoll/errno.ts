/** Error numbers of Linux that matter here; the same on x86-64 and arm64. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EPIPE: 32,
  ENOSYS: 38,
  EPROTO: 71,
  ENOTSOCK: 88,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EINPROGRESS: 115,
} as const;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Errno).map(([name, errno]) => [errno, name]),
);

const CLASSES: ReadonlyMap<number, new (message: string) => Error> = new Map([
  [Errno.EPERM, Deno.errors.PermissionDenied],
  [Errno.EACCES, Deno.errors.PermissionDenied],
  [Errno.ENOENT, Deno.errors.NotFound],
  [Errno.EADDRINUSE, Deno.errors.AddrInUse],
  [Errno.EADDRNOTAVAIL, Deno.errors.AddrNotAvailable],
  [Errno.ECONNREFUSED, Deno.errors.ConnectionRefused],
  [Errno.ECONNRESET, Deno.errors.ConnectionReset],
  [Errno.ECONNABORTED, Deno.errors.ConnectionAborted],
  [Errno.ENOTCONN, Deno.errors.NotConnected],
  [Errno.EPIPE, Deno.errors.BrokenPipe],
  [Errno.ETIMEDOUT, Deno.errors.TimedOut],
] as [number, new (message: string) => Error][]);

/** A call to the system failed in a way that the platform has no class for. */
export class SystemCallError extends Error {
  /** @param message What could not be done and why. */
  constructor(message: string) {
    super(message);
    this.name = "SystemCallError";
  }
}

/** The symbolic name of an error number, such as `EMFILE`. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

/**
 * The error that tells of a failed call: of the class that the platform's own
 * sockets throw, with the symbolic name as `code`.
 *
 * @param errno The error number.
 * @param undone What could not be done, as in `bind [::]:1415`.
 */
export function systemError(errno: number, undone: string): Error & { code: string } {
  const code = errnoName(errno);
  const Class = CLASSES.get(errno) ?? SystemCallError;
  return Object.assign(new Class(`Cannot ${undone} as the system refuses: ${code}`), { code });
}
