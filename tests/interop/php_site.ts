import { findProgram } from "../needs.ts";

const SCRIPT = new URL("./php_site.php", import.meta.url).pathname;

/** A web application in PHP whose sessions are in Redis, by the phpredis extension. */
export class PhpSite implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";

  private constructor(port: number) {
    this.#child = new Deno.Command(findProgram("php")!, {
      args: [SCRIPT, String(port)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Starts PHP. */
  static async start(port: number): Promise<PhpSite> {
    return await new PhpSite(port);
  }

  /** Has it do something with its session, and gives its answer. */
  async ask(verb: "open" | "get" | "set" | "close", ...args: string[]): Promise<string> {
    await this.#writer.write(new TextEncoder().encode(`${[verb, ...args].join(" ")}\n`));
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#reader.read();
      if (done) throw new TypeError(`PHP ended after ${this.#rest}`);
      this.#rest += value;
    }
    const end = this.#rest.indexOf("\n");
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 1);
    return line;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    while (!(await this.#reader.read()).done);
    await this.#child.status;
  }
}
