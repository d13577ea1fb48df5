import { EventLoop } from "../../../loop/mod.ts";
import type { EpollPoller } from "../../../loop/epoll/poller.ts";
import type { PollerWorld } from "./poller_world.ts";

const HOST = "127.0.0.1";

/** Two loops of this process on real sockets. */
export class RealWorld implements PollerWorld {
  readonly server: EventLoop;
  readonly client: EventLoop;
  readonly serverHost = HOST;
  readonly errors: unknown[] = [];
  readonly #stack = new AsyncDisposableStack();

  /** @param poller The poller of both loops, or what makes one. */
  constructor(poller: "portable" | "epoll" | (() => EpollPoller)) {
    const make = (): EventLoop =>
      new EventLoop({ poller: typeof poller === "string" ? poller : poller(), onError });
    const onError = (error: unknown): void => void this.errors.push(error);
    this.server = this.#stack.use(make());
    this.client = this.#stack.use(make());
  }

  unixPath(): string {
    const folder = Deno.makeTempDirSync();
    this.#stack.defer(() => Deno.removeSync(folder, { recursive: true }));
    return `${folder}/socket`;
  }

  // A full backlog drops the SYN of further clients.
  async silentAddress(): Promise<{ hostname: string; port: number }> {
    const listener = Deno.listen({ hostname: HOST, port: 0, tcpBacklog: 1 });
    this.#stack.defer(() => listener.close());
    const { port } = listener.addr as Deno.NetAddr;
    for (let i = 0; i < 2; i++) {
      const conn = await Deno.connect({ hostname: HOST, port });
      this.#stack.defer(() => conn.close());
    }
    return { hostname: HOST, port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
