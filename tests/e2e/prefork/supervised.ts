import { assertEquals } from "@std/assert";
import { Program, type ProgramOptions } from "../program.ts";
import { fromFileUrl } from "../paths.ts";

/** The program. */
export const MAIN = "prefork/main.ts";

/** The path of an application for tests. */
export function app(name: string): string {
  return fromFileUrl(`prefork/${name}.ts`);
}

/** A supervisor under way, on a free port. */
export class Supervised implements AsyncDisposable {
  /** The program. */
  readonly program: Program;
  /** The port that its workers share. */
  readonly port: number;
  // Connections are not kept: each request may reach another worker.
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });

  private constructor(program: Program, port: number) {
    this.program = program;
    this.port = port;
  }

  /** Starts one with the given command line, and waits until it serves. */
  static async start(line: string, options: ProgramOptions = {}): Promise<Supervised> {
    const port = line.includes("-p ") ? [] : ["-p", "0"];
    const args = [...line.split(" "), "--hostname", "127.0.0.1", ...port];
    const program = Program.start([MAIN, ...args], options);
    const [, text] = await program.line(/listening on http:\/\/127\.0\.0\.1:(\d+)/);
    return new Supervised(program, Number(text));
  }

  /** How many lines it has written; for {@linkcode line}. */
  get mark(): number {
    return this.program.lines.length;
  }

  /** Waits for a line that matches, from a mark on. */
  line(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return this.program.line(pattern, from);
  }

  /** Waits for lines that match, as many as wanted. */
  async count(pattern: RegExp, wanted: number, from = 0): Promise<void> {
    for (let at = from; wanted > 0; wanted--) {
      const match = await this.program.line(pattern, at);
      at = this.program.lines.indexOf(match.input, at) + 1;
    }
  }

  /** Sends it a signal. */
  signal(signal: Deno.Signal): void {
    this.program.signal(signal);
  }

  /** Makes a request, and gives the text of the answer. */
  async get(path = "/"): Promise<string> {
    const url = `http://127.0.0.1:${this.port}${path}`;
    const response = await fetch(url, { client: this.#client });
    return await response.text();
  }

  /** The processes of its workers by their numbers, as it has logged. */
  async workers(count: number): Promise<Map<number, number>> {
    await this.count(/^worker \d+ \(\d+\): Ready/, count);
    const found = this.program.lines.flatMap((line) => {
      const match = /^worker (\d+) \((\d+)\): Ready/.exec(line);
      return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
    });
    return new Map(found);
  }

  /** Stops it gracefully, and expects that to work. */
  async stop(): Promise<void> {
    assertEquals(await this.program.end("SIGQUIT"), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.program[Symbol.asyncDispose]();
  }
}

/** Whether a process runs, zombies left aside. */
export function isAlive(pid: number): boolean {
  try {
    if (!/^\d+ \(.*\) Z/.test(Deno.readTextFileSync(`/proc/${pid}/stat`))) return true;
    // The first thread may have ended while others still hold the sockets.
    return [...Deno.readDirSync(`/proc/${pid}/task`)].length > 1;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Waits until something holds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}
