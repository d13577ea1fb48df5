import { findProgram, need } from "../needs.ts";

const decoder = new TextDecoder();

/** What tests of Redis need. */
export const REDIS = need("redis-server");

/** A test against a Redis of its own; skipped where it is not installed. */
export function testRedis(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: name + REDIS.suffix, ignore: REDIS.ignore, fn });
}

/** Options of {@linkcode RedisServer.start}. */
export interface RedisServerOptions {
  /** Further arguments. */
  args?: string[];
  /** The password that it asks for. */
  password?: string;
}

/** A Redis on a port and in a folder of its own; killed when disposed. */
export class RedisServer implements AsyncDisposable {
  readonly #options: RedisServerOptions;
  readonly #folder: string;
  readonly port: number;
  #child: Deno.ChildProcess | null = null;

  private constructor(options: RedisServerOptions, place: { folder: string; port: number }) {
    this.#options = options;
    this.#folder = place.folder;
    this.port = place.port;
  }

  /** Starts a server, and waits until it is ready. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    for (;;) {
      const folder = await Deno.makeTempDir({ prefix: "sluice-redis-" });
      const server = new RedisServer(options, { folder, port: freePort() });
      if (await server.#launch()) return server;
      // Somebody has taken the port meanwhile.
      await Deno.remove(folder, { recursive: true });
    }
  }

  /** Its URL. */
  get url(): string {
    const { password } = this.#options;
    return `redis://${password === undefined ? "" : `:${password}@`}127.0.0.1:${this.port}`;
  }

  /** Starts it again, with what is in its folder; waits while somebody else has its port. */
  async restart(): Promise<void> {
    while (!await this.#launch());
  }

  /** Starts it; `false` when its port is taken. */
  async #launch(): Promise<boolean> {
    const { args = [], password } = this.#options;
    const child = this.#child = new Deno.Command(findProgram("redis-server")!, {
      // deno-fmt-ignore
      args: [
        "--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", "",
        ...(password === undefined ? [] : ["--requirepass", password]), ...args,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const ready = Promise.withResolvers<boolean>();
    this.#drained = (async () => {
      let text = "";
      for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
        text = (text + part).slice(-100_000);
        if (text.includes("Ready to accept connections")) ready.resolve(true);
      }
      ready.resolve(false);
    })();
    return await ready.promise;
  }

  #drained: Promise<void> = Promise.resolve();

  /** Kills it as a crash does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    child.kill("SIGKILL");
    await child.status;
    await this.#drained;
  }

  /** Has it hang, with its connections open. */
  pause(): void {
    this.#child!.kill("SIGSTOP");
  }

  /** Ends a pause. */
  resume(): void {
    this.#child!.kill("SIGCONT");
  }

  /** Asks it something, and gives the answer as `redis-cli` shows it. */
  async ask(...args: string[]): Promise<string> {
    const { password } = this.#options;
    const { stdout, stderr } = await new Deno.Command("redis-cli", {
      args: ["-p", String(this.port), ...args],
      env: password === undefined ? {} : { REDISCLI_AUTH: password },
    }).output();
    return (decoder.decode(stdout) + decoder.decode(stderr)).trimEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A port that nobody uses at the moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
