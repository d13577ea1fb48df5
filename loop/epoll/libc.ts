// Results are of 32 bits where they fit, and none that is called often is a pointer: such calls
// become direct ones in compiled code.
const SYMBOLS = {
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  epoll_create1: { parameters: ["i32"], result: "i32" },
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  epoll_pwait2: {
    parameters: ["i32", "buffer", "i32", "buffer", "pointer"],
    result: "i32",
    optional: true,
  },
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  eventfd_read: { parameters: ["i32", "buffer"], result: "i32" },
  eventfd_write: { parameters: ["i32", "u64"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  io_uring_enter: {
    name: "syscall",
    parameters: ["i32", "i32", "u32", "u32", "u32", "buffer", "u32"],
    result: "i32",
  },
  io_uring_setup: { name: "syscall", parameters: ["i32", "u32", "buffer"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "i64"], result: "i64" },
  munmap: { parameters: ["usize", "usize"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  readv: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  recvmmsg: { parameters: ["i32", "buffer", "u32", "i32", "pointer"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  sendmmsg: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

/** The calls of the C library. */
export type LibcCalls = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** The C library, loaded. */
export interface Libc {
  /** Its calls. */
  readonly calls: LibcCalls;
  /** The error number of the last call that failed, as its only element. */
  readonly errno: Int32Array<ArrayBuffer>;
}

/** Where the C library is found: of GNU, then of musl. */
const FILES: Readonly<Record<typeof Deno.build.arch, readonly string[]>> = {
  x86_64: ["libc.so.6", "libc.musl-x86_64.so.1"],
  aarch64: ["libc.so.6", "libc.musl-aarch64.so.1"],
};

let shared: Libc | undefined;

/**
 * The C library. It is loaded once and never unloaded, so that compiled code
 * can call it directly and nothing calls what is gone.
 *
 * @throws {TypeError} When it can't be loaded here; the message says why.
 */
export function loadLibc(): Libc {
  return shared ??= open();
}

function open(): Libc {
  const undone = "Cannot use the epoll poller as";
  if (Deno.build.os !== "linux") {
    throw new TypeError(`${undone} it needs Linux: this is ${Deno.build.os}`);
  }
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") {
    throw new TypeError(`${undone} it needs the permission to call native code (--allow-ffi)`);
  }
  let cause: unknown;
  for (const file of FILES[Deno.build.arch]) {
    try {
      const calls = Deno.dlopen(file, SYMBOLS).symbols;
      // Each thread has its own error number, and an isolate keeps to one thread.
      const errno = Deno.UnsafePointerView.getArrayBuffer(calls.__errno_location()!, 4);
      return { calls, errno: new Int32Array(errno) };
    } catch (error) {
      cause = error;
    }
  }
  throw new TypeError(`${undone} the C library can't be loaded`, { cause });
}
