import { fromFileUrl } from "./paths.ts";

const decoder = new TextDecoder();

/** How to start a {@linkcode Program}. */
export interface ProgramOptions {
  /** Its working directory. */
  cwd?: string;
  /** Environment variables besides those of the tests. */
  env?: Record<string, string>;
  /**
   * Permissions and other flags of Deno.
   *
   * @default {["-A"]}
   */
  denoFlags?: string[];
  /**
   * Whether it is to find itself at a terminal, where Deno asks for what is not permitted.
   *
   * @default {false}
   */
  terminal?: boolean;
  /**
   * What Deno does with it.
   *
   * @default {"run"}
   */
  command?: "run" | "serve";
}

/** What a program did that has ended. */
export interface Outcome {
  /** Its exit code. */
  code: number;
  /** What it wrote to standard output. */
  stdout: string;
  /** What it wrote to standard error. */
  stderr: string;
}

/** Runs a program of the package until it ends by itself. */
export async function runProgram(
  args: string[],
  options: ProgramOptions = {},
): Promise<Outcome> {
  const { code, stdout, stderr } = await command(args, options).output();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A program of the package under way; killed when disposed. */
export class Program implements AsyncDisposable {
  /** Lines that it has written to both streams so far. */
  readonly lines: string[] = [];
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<void>[];
  #wake: (() => void) | null = null;
  #ended = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#read = [this.#collect(child.stdout), this.#collect(child.stderr)];
  }

  /** Starts a program. */
  static start(args: string[], options: ProgramOptions = {}): Program {
    return new Program(command(args, options).spawn());
  }

  /** Waits for a line that matches, from line `from` on, and gives the match. */
  async line(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (let i = from;; i++) {
      while (i >= this.lines.length) {
        if (this.#ended) {
          throw new TypeError(`No line like ${pattern} in:\n${this.lines.join("\n")}`);
        }
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
      const match = pattern.exec(this.lines[i]);
      if (match !== null) return match;
    }
  }

  /** Its process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  async end(signal: Deno.Signal): Promise<number> {
    this.#child.kill(signal);
    const { code } = await this.#child.status;
    await Promise.all(this.#read);
    return code;
  }

  /** Waits until the program ends by itself. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    await Promise.all(this.#read);
    return code;
  }

  /** Kills the program. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) await this.end("SIGKILL");
  }

  async #collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.lines.push(...lines);
      this.#wake?.();
    }
    this.#ended = true;
    this.#wake?.();
  }
}

function command(
  args: string[],
  { cwd, env, denoFlags = ["-A"], command = "run", terminal = false }: ProgramOptions,
): Deno.Command {
  const [program, ...rest] = args;
  const file = program.startsWith("jsr:") ? program : fromFileUrl(`../../${program}`);
  const words = [Deno.execPath(), command, ...denoFlags, file, ...rest];
  const all = terminal ? ["script", "-qec", words.join(" "), "/dev/null"] : words;
  return new Deno.Command(all[0], {
    args: all.slice(1),
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}
