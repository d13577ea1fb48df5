import type { Libc } from "./libc.ts";

/** Numbers of system calls, the same on all machines that Deno runs on. */
const PIDFD_OPEN = 434n;
const PIDFD_GETFD = 438n;

/**
 * The sockets of a process, as their inodes and its descriptors of them; none when it has ended.
 */
export function socketsOf(pid: number): Map<number, number> {
  const sockets = new Map<number, number>();
  for (const name of descriptorsOf(pid)) {
    const inode = socketInode(`/proc/${pid}/fd/${name}`);
    if (inode !== null) sockets.set(inode, Number(name));
  }
  return sockets;
}

/**
 * Takes a copy of a descriptor of another process (pidfd_getfd(2)).
 *
 * @returns The descriptor in this process, for the caller to close.
 * @throws {LibcError} When the process has ended or the system doesn't permit it.
 */
export function borrowDescriptor(libc: Libc, pid: number, fd: number): number {
  const { syscall } = libc.symbols;
  const process = libc.check("open a process", syscall(PIDFD_OPEN, BigInt(pid), 0n, 0n));
  try {
    const borrowed = syscall(PIDFD_GETFD, BigInt(process), BigInt(fd), 0n);
    return libc.check("borrow a descriptor", borrowed);
  } finally {
    libc.closeDescriptor(process);
  }
}

function descriptorsOf(pid: number): string[] {
  try {
    return Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => name);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function socketInode(path: string): number | null {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(path))?.[1];
    return inode === undefined ? null : Number(inode);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Whether a process or descriptor ended while it was looked at. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Error && (error as { code?: string }).code === "ESRCH";
}
