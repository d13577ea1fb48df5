import { TextLineStream } from "./text_line_stream.ts";

/** A process that a benchmark measures; killed when disposed. */
export class PeerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #drained: Promise<void>[] = [];

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts a program and waits for the line that tells its port.
   *
   * @param args What to run with `deno run -A`.
   * @param options Where the line comes and what it looks like; its first group is the port.
   */
  static async start(
    args: string[],
    options: { stream: "stdout" | "stderr"; port: RegExp; env?: Record<string, string> },
  ): Promise<{ process: PeerProcess; port: number }> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--unstable-kv", "--unstable-net", ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: options.env,
    }).spawn();
    const process = new PeerProcess(child);
    const lines = child[options.stream].pipeThrough(new TextDecoderStream()).pipeThrough(
      new TextLineStream(),
    ).getReader();
    for (;;) {
      const { value, done } = await lines.read();
      if (done) throw new TypeError(`Cannot start ${args.join(" ")} as it ended at once`);
      const port = options.port.exec(value)?.[1];
      if (port === undefined) continue;
      process.#drained.push(drain(lines));
      return { process, port: Number(port) };
    }
  }

  /** Kills the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Promise.all(this.#drained);
  }
}

async function drain(lines: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await lines.read()).done);
}

/** Runs a program of the benchmark and reads the JSON that it prints. */
export async function measure<Result>(args: string[]): Promise<Result> {
  const { stdout, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-kv", "--unstable-net", ...args],
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new TypeError(`Cannot measure as ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}
