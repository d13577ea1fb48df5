import { assertEquals } from "@std/assert";
import { EventLoop } from "../../loop/mod.ts";
import { MemoryJobStore } from "../../queue/mod.ts";
import { reportServer } from "../../queue/beanstalk/report.ts";
import { ServerState } from "../../queue/beanstalk/server_state.ts";
import { need } from "../needs.ts";
import { bytesOf, CASES, textOf } from "../queue/beanstalk/cases.ts";

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
    await connection.write(bytesOf(text));
    if (answer === "END") return assertEquals(await connection.read(new Uint8Array(1)), null);
    const buffer = new Uint8Array(answer.length);
    let length = 0;
    while (length < buffer.length) {
      const count = await connection.read(buffer.subarray(length));
      if (count === null) break;
      length += count;
    }
    assertEquals(textOf(buffer.subarray(0, length)), answer);
  }

  /** The names of what `stats` tells. */
  async statsNames(): Promise<string[]> {
    const connection = await this.#connect("stats");
    await connection.write(bytesOf("stats\r\n"));
    let text = "";
    const buffer = new Uint8Array(4096);
    while (!text.endsWith("\n\r\n")) {
      text += textOf(buffer.subarray(0, await connection.read(buffer) ?? 0));
    }
    return namesOf(text);
  }

  /** Has it refuse new jobs. */
  drain(): void {
    this.#child.kill("SIGUSR1");
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

/** The names of a YAML dictionary. */
function namesOf(text: string): string[] {
  return [...text.matchAll(/^([a-z-]+): /gm)].map(([, name]) => name);
}

const { ignore, suffix } = need("beanstalkd");

for (const { name, steps } of CASES) {
  Deno.test({ name: `beanstalkd serves ${name}${suffix}`, ignore }, async () => {
    await using server = new Beanstalkd();
    for (const [connection, send, answer] of steps) await server.say(connection, send, answer);
  });
}

Deno.test({ name: `beanstalkd drains as BeanstalkServer does${suffix}`, ignore }, async () => {
  await using server = new Beanstalkd();
  await server.say("a", "put 0 0 60 1\r\nx\r\n", "INSERTED 1\r\n");
  server.drain();
  await server.say("a", "put 0 0 60 1\r\nx\r\n", "DRAINING\r\n");
  await server.say("a", "reserve\r\n", "RESERVED 1 1\r\nx\r\n");
});

Deno.test(
  { name: `beanstalkd tells in stats what BeanstalkServer does${suffix}`, ignore },
  async () => {
    await using reference = new Beanstalkd();
    await using loop = new EventLoop();
    await using store = new MemoryJobStore({ loop });
    const state = new ServerState({
      loop,
      store,
      identity: { pid: 1, hostname: "host", os: "os", platform: "platform" },
      maxJobBytes: 65_535,
      maxReservedJobs: 10_000,
      onError: () => {},
    });
    assertEquals(namesOf(reportServer(state)), await reference.statsNames());
  },
);
