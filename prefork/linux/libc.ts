const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  listen: { parameters: ["i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  opendir: { parameters: ["buffer"], result: "pointer" },
  readdir: { parameters: ["pointer"], result: "pointer" },
  closedir: { parameters: ["pointer"], result: "i32" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  syscall: { parameters: ["i64", "i64", "i64", "i64"], result: "i64" },
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

/** A call of the C library failed. */
export class LibcError extends Error {
  /** The function that failed. */
  readonly call: string;
  /** The number of the error (`errno`). */
  readonly errno: number;

  /**
   * @param call The function that failed.
   * @param errno The number of the error.
   */
  constructor(call: string, errno: number) {
    super(`Cannot ${call}: error ${errno}`);
    this.name = "LibcError";
    this.call = call;
    this.errno = errno;
  }
}

/** The C library, opened. */
export class Libc implements Disposable {
  /** Its functions. */
  readonly symbols: Symbols;
  readonly #library: Deno.DynamicLibrary<typeof SYMBOLS>;

  private constructor(library: Deno.DynamicLibrary<typeof SYMBOLS>) {
    this.#library = library;
    this.symbols = library.symbols;
  }

  /** Opens the C library; `null` where this is no Linux or FFI is not permitted. */
  static open(): Libc | null {
    if (Deno.build.os !== "linux") return null;
    if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return null;
    try {
      return new Libc(Deno.dlopen("libc.so.6", SYMBOLS));
    } catch (error) {
      // A Linux with another C library; anything but an error is a mistake of ours.
      if (error instanceof Error) return null;
      throw error;
    }
  }

  /**
   * Passes on what a call returned.
   *
   * @throws {LibcError} When it is negative.
   */
  check(call: string, result: number | bigint): number {
    const value = Number(result);
    if (value >= 0) return value;
    const place = this.symbols.__errno_location()!;
    throw new LibcError(call, new Deno.UnsafePointerView(place).getInt32());
  }

  /** Closes a descriptor. */
  closeDescriptor(fd: number): void {
    this.symbols.close(fd);
  }

  /** Closes the library. */
  [Symbol.dispose](): void {
    this.#library.close();
  }
}

/** The bytes of a C `int`. */
export function int32(value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Int32Array([value]).buffer);
}
