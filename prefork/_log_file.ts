const encoder = new TextEncoder();

/** A log file can't be opened. */
export class LogFileError extends Error {
  /**
   * @param path The file.
   * @param cause What went wrong.
   */
  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot log to ${path} as this failed: ${reason}`, { cause });
    this.name = "LogFileError";
  }
}

/** A file that lines are appended to, and that can be opened again after it was moved away. */
export class LogFile implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile;

  /**
   * Opens a file, or creates it.
   *
   * @param path Its path.
   * @throws {LogFileError} When that can't be done.
   */
  constructor(path: string) {
    this.#path = path;
    this.#file = this.#open();
  }

  /** Appends a line. */
  write(line: string): void {
    const bytes = encoder.encode(`${line}\n`);
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }

  /**
   * Opens the file of this name, which may be another one by now.
   *
   * @throws {LogFileError} When that can't be done; the file before stays open then.
   */
  reopen(): void {
    const file = this.#open();
    this.#file.close();
    this.#file = file;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  #open(): Deno.FsFile {
    try {
      return Deno.openSync(this.#path, { append: true, create: true });
    } catch (error) {
      throw new LogFileError(this.#path, error);
    }
  }
}
