import { here, PeerProcess } from "./process.ts";

/** Our job server on a file, with a port for lines and one for the beanstalk protocol. */
export class QueueServer implements AsyncDisposable {
  readonly #process: PeerProcess;
  /** The port of the line protocol. */
  readonly line: number;

  private constructor(process: PeerProcess, line: number) {
    this.#process = process;
    this.line = line;
  }

  /** Starts one, and waits until it listens. */
  static async start(file: string): Promise<QueueServer> {
    let line = 0;
    const process = await PeerProcess.start({
      program: here("../queue/server.ts"),
      args: ["--store", `kv:${file}`, "--line", "0", "--beanstalk", "0"],
      port: /:(\d+) \(beanstalk\)/,
      onLine: (text) => line = Number(/:(\d+) \(lines\)/.exec(text)?.[1] ?? line),
    });
    return new QueueServer(process, line);
  }

  /** The port of the beanstalk protocol. */
  get port(): number {
    return this.#process.port;
  }

  /** The process. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
