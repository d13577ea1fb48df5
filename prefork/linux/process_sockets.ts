import { int32, type Libc, LibcError } from "./libc.ts";

/** Numbers of system calls, the same on all machines that Deno runs on. */
const PIDFD_OPEN = 434n;
const PIDFD_GETFD = 438n;
/** Where the name stands in a directory entry (readdir(3), 64 bit). */
const NAME_OFFSET = 19;
const MAX_LINK_BYTES = 256;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** The first byte of `tcp_info` is the state of the connection. */
const ESTABLISHED = 1;
const INFO_BYTES = 104;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The sockets of a process, as their inodes and its descriptors of them; none when it has ended.
 * Deno itself reads `/proc` only when everything is permitted, so this takes the system's way.
 */
export function socketsOf(libc: Libc, pid: number): Map<number, number> {
  const sockets = new Map<number, number>();
  for (const name of namesIn(libc, `/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(linkAt(libc, `/proc/${pid}/fd/${name}`))?.[1];
    if (inode !== undefined) sockets.set(Number(inode), Number(name));
  }
  return sockets;
}

/** The inode of a socket of this process, or -1. */
export function inodeOf(libc: Libc, fd: number): number {
  const link = linkAt(libc, `/proc/self/fd/${fd}`);
  return Number(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? -1);
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

/** Whether a descriptor is that of a TCP connection that neither side has ended. */
export function isEstablished(libc: Libc, fd: number): boolean {
  const info = new Uint8Array(INFO_BYTES);
  const { getsockopt } = libc.symbols;
  return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, int32(info.length)) === 0 &&
    info[0] === ESTABLISHED;
}

/** The names in a folder; none when it is gone. */
function namesIn(libc: Libc, path: string): string[] {
  const { opendir, readdir, closedir } = libc.symbols;
  const folder = opendir(cString(path));
  if (folder === null) return [];
  const names: string[] = [];
  for (let entry = readdir(folder); entry !== null; entry = readdir(folder)) {
    names.push(new Deno.UnsafePointerView(entry).getCString(NAME_OFFSET));
  }
  closedir(folder);
  return names;
}

/** Where a link leads; nowhere when it is gone. */
function linkAt(libc: Libc, path: string): string {
  const target = new Uint8Array(MAX_LINK_BYTES);
  try {
    const length = libc.symbols.readlink(cString(path), target, BigInt(MAX_LINK_BYTES));
    return decoder.decode(target.subarray(0, libc.check("read a link", length)));
  } catch (error) {
    if (error instanceof LibcError) return "";
    throw error;
  }
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${text}\0`);
}
