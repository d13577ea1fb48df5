import { assertEquals } from "@std/assert";
import { need } from "../needs.ts";
import { CASES } from "../queue/beanstalk/cases.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** The reference server on a port of its own. */
class Beanstalkd implements AsyncDisposable {
  readonly #port = freePort();
  readonly #child: Deno.ChildProcess = new Deno.Command("beanstalkd", {
    args: ["-l", "127.0.0.1", "-p", String(this.#port)],
    stdout: "null",
    stderr: "null",
  }).spawn();
  readonly #connections = new Map<string, Deno.TcpConn>();

  /** Sends, and waits for as many bytes as the answer has. */
  async say(name: string, text: string, answer: string): Promise<void> {
    const connection = this.#connections.get(name) ?? await this.#connect(name);
    await connection.write(encoder.encode(text));
    const buffer = new Uint8Array(answer.length);
    let length = 0;
    while (length < buffer.length) {
      const count = await connection.read(buffer.subarray(length));
      if (count === null) break;
      length += count;
    }
    assertEquals(decoder.decode(buffer.subarray(0, length)), answer);
  }

  async #connect(name: string): Promise<Deno.TcpConn> {
    for (;;) {
      try {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
        this.#connections.set(name, connection);
        return connection;
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections.values()) connection.close();
    this.#child.kill("SIGKILL");
    await this.#child.status;
  }
}

const { ignore, suffix } = need("beanstalkd");

for (const { name, steps } of CASES) {
  Deno.test({ name: `beanstalkd serves ${name}${suffix}`, ignore }, async () => {
    await using server = new Beanstalkd();
    for (const [connection, send, answer] of steps) await server.say(connection, send, answer);
  });
}
