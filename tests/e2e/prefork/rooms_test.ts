import { assertEquals } from "@std/assert";
import { app, Supervised } from "./supervised.ts";

/** A client, and the messages that it got. */
class Client {
  readonly messages: string[] = [];
  readonly socket: WebSocket;
  #wake = (): void => undefined;

  constructor(port: number) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}`);
    this.socket.onmessage = ({ data }) => {
      this.messages.push(data);
      this.#wake();
    };
  }

  async until(count: number): Promise<void> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.socket.onclose = resolve);
    this.socket.close();
    await closed;
  }
}

Deno.test({
  name: "rooms reach the clients of all workers, through the supervisor's bus",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using supervised = await Supervised.start(`${app("rooms")} -w 2`);
    const clients: Client[] = [];
    const workers = new Set<string>();
    // The kernel deals clients out by their ports.
    while (workers.size < 2) {
      const client = new Client(supervised.port);
      clients.push(client);
      await client.until(1);
      workers.add(client.messages[0]);
    }
    clients[0].socket.send("hello");
    for (const client of clients) await client.until(2);
    assertEquals(clients.map(({ messages }) => messages[1]), clients.map(() => "hello"));
    for (const client of clients) await client.close();
    assertEquals(await supervised.program.end("SIGTERM"), 0);
  },
});
