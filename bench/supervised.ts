import type { EventLoop } from "../loop/mod.ts";
import { compile } from "./compile.ts";
import { here, PeerProcess } from "./process.ts";

/** What the load generator tells. */
export interface Load {
  /** Whole answers with status 200. */
  answers: number;
  /** Answers a second. */
  perSecond: number;
  /** Everything else, by kind. */
  failures: Record<string, number>;
  /** Answers by the process that gave them. */
  by: Record<string, number>;
  /** The longest that a request took that was answered. */
  maxMs: number;
}

/** All that failed. */
export function failed({ failures }: Load): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}

/** What failed, by kind. */
export function kinds({ failures }: Load): string {
  const some = Object.entries(failures).filter(([, count]) => count > 0);
  return some.map(([kind, count]) => `${count} ${kind}`).join(", ");
}

/** The load generator, or the end of the benchmark where there is no compiler. */
export async function compileLoad(folder: string): Promise<string> {
  const program = await compile("httpload.c", folder);
  if (program !== null) return program;
  console.error("Cannot measure as there is no C compiler");
  Deno.exit(1);
}

/** A load under way. */
export class LoadRun {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Starts clients that go on until the load is stopped. */
  static start(
    program: string,
    load: { port: number; clients: number; kind: "new" | "keep" },
  ): LoadRun {
    const args = [String(load.port), String(load.clients), "86400", load.kind];
    return new LoadRun(new Deno.Command(program, { args, stdout: "piped" }).spawn());
  }

  /** Ends the load, and tells what came of it. */
  async stop(): Promise<Load> {
    this.#child.kill("SIGINT");
    const { stdout } = await this.#child.output();
    return JSON.parse(new TextDecoder().decode(stdout));
  }
}

/** A supervisor that serves the application of the benchmarks, and the lines that it has said. */
export class SupervisedPeer {
  /** The supervisor. */
  readonly process: PeerProcess;
  readonly #lines: string[];
  readonly #loop: EventLoop;

  private constructor(parts: { process: PeerProcess; lines: string[]; loop: EventLoop }) {
    this.process = parts.process;
    this.#lines = parts.lines;
    this.#loop = parts.loop;
  }

  /** Starts one with the given flags. */
  static async start(loop: EventLoop, ...flags: string[]): Promise<SupervisedPeer> {
    const lines: string[] = [];
    const process = await PeerProcess.start({
      program: here("../prefork/main.ts"),
      args: [here("peers/http_app.ts"), "-p", "0", "--hostname", "127.0.0.1", ...flags],
      port: /listening on .*:(\d+),/,
      onLine: (line) => lines.push(line),
    });
    return new SupervisedPeer({ process, lines, loop });
  }

  /** Its port. */
  get port(): number {
    return this.process.port;
  }

  /** Waits until so many lines match. */
  async said(pattern: RegExp, count: number): Promise<void> {
    while (this.#lines.filter((line) => pattern.test(line)).length < count) {
      await this.#loop.sleep(10);
    }
  }

  /** What it has warned of. */
  get warnings(): string[] {
    return this.#lines.filter((line) => /^(warning|error):/.test(line));
  }

  /** The processes that have become ready, in that order. */
  get workers(): number[] {
    return this.#lines.flatMap((line) => {
      const pid = /^worker \d+ \((\d+)\): Ready/.exec(line)?.[1];
      return pid === undefined ? [] : [Number(pid)];
    });
  }
}
