import { LogFile } from "./_log_file.ts";

const encoder = new TextEncoder();

/** Options of {@linkcode Output}. */
export interface OutputOptions {
  /** The file that everything goes to instead of the standard streams. */
  file?: string;
  /** Whether lines of workers are told apart. */
  prefix: boolean;
}

/** Where the lines of the supervisor and its workers go. */
export class Output implements Disposable {
  readonly #file: LogFile | null;
  readonly #prefix: boolean;

  /**
   * Makes a output.
   *
   * @param options See {@linkcode OutputOptions}.
   * @throws When the file can't be opened.
   */
  constructor(options: OutputOptions) {
    this.#file = options.file === undefined ? null : new LogFile(options.file);
    this.#prefix = options.prefix;
  }

  /** Writes a line of the supervisor. */
  write(line: string): void {
    this.print("stderr", line);
  }

  /** Writes a line that a worker printed. */
  pass(line: string, from: { worker: number; stream: "stdout" | "stderr" }): void {
    this.print(from.stream, this.#prefix ? `worker ${from.worker}: ${line}` : line);
  }

  /** Opens the file again, which may have been moved away. */
  reopen(): void {
    this.#file?.reopen();
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file?.[Symbol.dispose]();
  }

  /** Writes a line as it is. */
  print(stream: "stdout" | "stderr", line: string): void {
    if (this.#file !== null) return this.#file.write(line);
    const bytes = encoder.encode(`${line}\n`);
    try {
      for (let at = 0; at < bytes.length;) at += Deno[stream].writeSync(bytes.subarray(at));
    } catch (error) {
      // Nobody reads any more, and nobody can be told.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }
}
