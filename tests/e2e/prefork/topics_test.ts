import { assertEquals } from "@std/assert";
import { Program, runProgram } from "../program.ts";
import { Supervised } from "./supervised.ts";

const CLIENT = "examples/topics/client.ts";
const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "topics of WAMP reach the clients of all workers, through the supervisor's bus",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start("examples/topics/main.ts -w 2");
    await using stack = new AsyncDisposableStack();
    const port = String(supervised.port);
    const clients: Program[] = [];
    const workers = new Set<string>();
    // The kernel deals clients out by their ports.
    while (workers.size < 2) {
      const client = stack.use(Program.start([CLIENT, port]));
      const [, worker] = await client.line(/^worker (\d)$/);
      clients.push(client);
      workers.add(worker);
    }
    assertEquals((await runProgram([CLIENT, port, "hello"])).code, 0);
    for (const client of clients) await client.line(/^hello$/);
    await supervised.stop();
  },
});

/** A client of either version, and the messages that it got. */
class Client {
  readonly #socket: WebSocket;
  readonly #heard: unknown[][] = [];
  #news = Promise.withResolvers<void>();
  /** The number of its worker. */
  worker: unknown;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#heard.push(JSON.parse(data));
      this.#news.resolve();
      this.#news = Promise.withResolvers();
    };
  }

  static async v1(port: number): Promise<Client> {
    const client = new Client(new WebSocket(`ws://127.0.0.1:${port}`, "wamp"));
    await client.hear(0);
    client.say(2, "1", "com.example.worker");
    client.worker = (await client.hear(3))[2];
    return client;
  }

  static async v2(port: number): Promise<Client> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, "wamp.2.json");
    const client = new Client(socket);
    await new Promise((resolve) => socket.onopen = resolve);
    client.say(1, "realm1", { roles: { subscriber: {}, caller: {} } });
    await client.hear(2);
    client.say(48, 1, {}, "com.example.worker");
    client.worker = (await client.hear(50))[3];
    return client;
  }

  say(...message: unknown[]): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Waits for a message of this type. */
  async hear(type: number): Promise<unknown[]> {
    for (;;) {
      const at = this.#heard.findIndex((message) => message[0] === type);
      if (at >= 0) return this.#heard.splice(at, 1)[0];
      await this.#news.promise;
    }
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.close();
    await closed;
  }
}

Deno.test({
  name: "topics of both versions of WAMP go on when a worker is killed and replaced",
  ignore,
  fn: async () => {
    await using supervised = await Supervised.start("examples/topics/main.ts -w 2");
    await using stack = new AsyncDisposableStack();
    const { port } = supervised;
    const publisher = stack.adopt(await Client.v1(port), (client) => client.close());
    const subscriber = async (): Promise<Client> => {
      for (;;) {
        const client = stack.adopt(await Client.v2(port), (client) => client.close());
        if (`${client.worker}` === `${publisher.worker}`) continue;
        client.say(32, 2, {}, "com.example.news");
        await client.hear(33);
        return client;
      }
    };
    const first = await subscriber();
    publisher.say(7, "com.example.news", { head: 1 });
    assertEquals((await first.hear(36))[4], [{ head: 1 }]);

    const pids = await supervised.workers(2);
    Deno.kill(pids.get(Number(first.worker))!, "SIGKILL");
    await supervised.workers(3);
    const second = await subscriber();
    publisher.say(7, "com.example.news", { head: 2 });
    assertEquals((await second.hear(36))[4], [{ head: 2 }]);
  },
});
