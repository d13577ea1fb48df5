import { EpollPoller } from "../../../loop/epoll/poller.ts";
import { EventLoop } from "../../../loop/mod.ts";
import type { PollerWorld } from "../conformance/poller_world.ts";
import { FaultyLibc } from "./faulty_libc.ts";

/** Two loops of this process, the server's on calls that can be made to fail. */
export class FaultyWorld implements PollerWorld {
  readonly libc: FaultyLibc = new FaultyLibc();
  readonly server: EventLoop;
  readonly client: EventLoop;
  readonly serverHost = "127.0.0.1";
  readonly errors: unknown[] = [];
  readonly #stack = new AsyncDisposableStack();

  constructor() {
    const onError = (error: unknown): void => void this.errors.push(error);
    const poller = new EpollPoller({ libc: this.libc });
    this.server = this.#stack.use(new EventLoop({ poller, onError }));
    this.client = this.#stack.use(new EventLoop({ poller: "epoll", onError }));
  }

  unixPath(): string {
    const folder = Deno.makeTempDirSync();
    this.#stack.defer(() => Deno.removeSync(folder, { recursive: true }));
    return `${folder}/socket`;
  }

  silentAddress(): Promise<{ hostname: string; port: number }> {
    return Promise.reject(new TypeError("Cannot stay silent as this world answers everything"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
