import { findProgram } from "../tests/needs.ts";

/** A beanstalkd on a port of its own; killed when disposed. */
export class Beanstalkd implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  /** Where it listens. */
  readonly port: number;

  private constructor(child: Deno.ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Whether it is installed. */
  static get installed(): boolean {
    return findProgram("beanstalkd") !== null;
  }

  /** Starts one, and waits until it takes connections. */
  static async start(args: readonly string[]): Promise<Beanstalkd> {
    const { port } = freeAddress();
    const address = { hostname: "127.0.0.1", port };
    const child = new Deno.Command("beanstalkd", {
      args: ["-l", address.hostname, "-p", String(port), ...args],
    }).spawn();
    for (;;) {
      try {
        (await Deno.connect(address)).close();
        return new Beanstalkd(child, port);
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}

/** An address that was free a moment ago, as beanstalkd doesn't tell which one it was given. */
function freeAddress(): Deno.NetAddr {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr;
}
