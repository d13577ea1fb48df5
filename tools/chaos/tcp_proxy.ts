import { createServer, type Server, Socket } from "node:net";
import { sleep } from "./uptime.ts";

/** Stands between clients and a server, and is a bad network when it is told to. */
export class TcpProxy implements AsyncDisposable {
  /** How long each chunk takes. */
  latencyMs = 0;
  /** Whether nothing passes. */
  stalled = false;
  readonly #targetPort: number;
  readonly #server: Server;
  readonly #pairs = new Set<{ client: Socket; upstream: Socket }>();
  #truncations = 0;

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** Listens on a port of its own. */
  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Breaks all connections: both sides see a reset. */
  reset(): void {
    for (const pair of this.#pairs) breakPair(pair);
  }

  /**
   * Cuts the next chunks that go to the server in the middle: the server sees an end there, as
   * though the client had died, and the client a reset.
   */
  truncate(count: number): void {
    this.#truncations = count;
  }

  /** All is well again. */
  heal(): void {
    this.latencyMs = 0;
    this.stalled = false;
    this.#truncations = 0;
  }

  /** Breaks all connections and accepts no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.heal();
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const upstream = new Socket({ allowHalfOpen: true });
    const pair = { client, upstream };
    this.#pairs.add(pair);
    for (const socket of [client, upstream]) {
      socket.on("error", () => breakPair(pair));
      socket.on("close", () => {
        if (client.destroyed && upstream.destroyed) this.#pairs.delete(pair);
      });
      socket.setNoDelay(true);
    }
    upstream.connect(this.#targetPort, "127.0.0.1", () => {
      void this.#pump(pair, { from: client, to: upstream });
      void this.#pump(pair, { from: upstream, to: client });
    });
  }

  async #pump(
    pair: { client: Socket; upstream: Socket },
    { from, to }: { from: Socket; to: Socket },
  ): Promise<void> {
    try {
      for await (const chunk of from.iterator({ destroyOnReturn: false })) {
        await this.#pass();
        if (to === pair.upstream && this.#truncations > 0) return this.#cut(pair, chunk);
        if (!to.write(chunk)) await new Promise((resolve) => to.once("drain", resolve));
        if (to.destroyed) break;
      }
      await this.#pass();
      to.end();
    } catch {
      // Whatever breaks on one side of a network, the other side gets to feel as a reset.
      breakPair(pair);
    }
  }

  #cut({ client, upstream }: { client: Socket; upstream: Socket }, chunk: Uint8Array): void {
    this.#truncations--;
    upstream.end(chunk.subarray(0, chunk.length >> 1));
    client.resetAndDestroy();
  }

  async #pass(): Promise<void> {
    if (this.latencyMs > 0) await sleep(this.latencyMs);
    while (this.stalled) await sleep(20);
  }
}

function breakPair({ client, upstream }: { client: Socket; upstream: Socket }): void {
  for (const socket of [client, upstream]) {
    if (!socket.destroyed) socket.resetAndDestroy();
  }
}
