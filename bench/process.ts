import { TextLineStream } from "./text_line_stream.ts";

/** How to start a process that is measured. */
export interface PeerOptions {
  /** The program; a script of Deno when it ends with `.ts`. */
  program: string;
  /** Its arguments. */
  args?: string[];
  /** What tells its port on standard output or standard error; its first group is the port. */
  port?: RegExp;
  /** Environment variables. */
  env?: Record<string, string>;
  /**
   * Whether it gets a session of its own, as a service has: the kernel deals out processor time by
   * session first. Ctrl-C does not end it then.
   *
   * @default {false}
   */
  ownSession?: boolean;
  /**
   * Called with each line that it prints.
   *
   * @default {nothing}
   */
  onLine?: (line: string) => void;
}

/** A process that a benchmark measures; killed when disposed. */
export class PeerProcess implements AsyncDisposable {
  /** The port it listens on. */
  readonly port: number;
  /** Its process. */
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #outputs: Promise<void>[];
  #stopped = false;

  private constructor(
    started: { child: Deno.ChildProcess; outputs: Promise<void>[]; port: number },
  ) {
    this.#child = started.child;
    this.#outputs = started.outputs;
    this.pid = started.child.pid;
    this.port = started.port;
  }

  /** Starts a program and waits for the line that tells its port. */
  static async start(options: PeerOptions): Promise<PeerProcess> {
    const { program, args = [], port = /^(\d+)$/, onLine = () => undefined } = options;
    const script = program.endsWith(".ts");
    const flags = ["run", "-A", "--unstable-kv", "--unstable-net", program];
    const child = new Deno.Command(script ? Deno.execPath() : program, {
      args: script ? [...flags, ...args] : args,
      env: options.env,
      detached: options.ownSession ?? false,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const found = Promise.withResolvers<number>();
    const read = (line: string): void => {
      onLine(line);
      const match = port.exec(line);
      if (match !== null) found.resolve(Number(match[1]));
    };
    const outputs = [child.stdout, child.stderr].map((stream) => watch(stream, read));
    void child.status.then(() =>
      found.reject(new TypeError(`Cannot measure ${program} as it ended at once`))
    );
    return new PeerProcess({ child, outputs, port: await found.promise });
  }

  /** Sends it a signal. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until the process, and all that write to the same place, have said their last line. */
  async ended(): Promise<void> {
    await Promise.all(this.#outputs);
  }

  /** Ends the process by SIGTERM, and waits until it has said its last line. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.ended();
  }

  /** Kills the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stopped) this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}

async function watch(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream());
  for await (const line of lines) onLine(line);
}

/** Runs a program of the benchmark and reads the JSON that it prints. */
export async function measure<Result>(program: string, args: string[]): Promise<Result> {
  const script = program.endsWith(".ts");
  const { stdout, success, stderr } = await new Deno.Command(script ? Deno.execPath() : program, {
    args: script ? ["run", "-A", "--unstable-kv", "--unstable-net", program, ...args] : args,
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new TypeError(`Cannot measure as ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

/** The path of a file of the benchmarks. */
export function here(name: string): string {
  return new URL(name, import.meta.url).pathname;
}
