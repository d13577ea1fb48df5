/** Where Debian and others keep the library. */
const FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib",
  "/usr/lib64",
];

/** How far clocks may be off. */
const MOST_S = 6 * 3600;

/**
 * The wall clock of some programs, which can jump: they are started with libfaketime, which adds
 * what stands in a file to what the system says. Their monotonic clock stays as it is.
 */
export class WallClock {
  readonly #library: string;
  readonly #file: string;

  private constructor(library: string, file: string) {
    this.#library = library;
    this.#file = file;
    this.#set(0);
  }

  /** Makes a clock whose offset is kept in a file; `null` where libfaketime is not installed. */
  static make(file: string): WallClock | null {
    const library = FOLDERS.map((folder) => `${folder}/faketime/libfaketimeMT.so.1`).find(exists);
    return library === undefined ? null : new WallClock(library, file);
  }

  /** What the programs need in their environment. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
  }

  /** Jumps to another offset, forwards or backwards; `part` is from 0 to 1. */
  jump(part: number): void {
    this.#set(Math.round((part * 2 - 1) * MOST_S));
  }

  #set(seconds: number): void {
    // Moved into place, so that nobody reads a half.
    Deno.writeTextFileSync(`${this.#file}.new`, `${seconds < 0 ? "" : "+"}${seconds}\n`);
    Deno.renameSync(`${this.#file}.new`, this.#file);
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
