import { EventLoop, type SimulatedHost } from "../../loop/mod.ts";
import {
  type Change,
  type ListenOptions,
  ModstampClient,
  type ModstampClientOptions,
} from "../../modstamp/mod.ts";
import { SERVER_ADDRESS } from "./simulated_server.ts";

/** A client of the simulated server on a host. */
export function clientOn(
  host: SimulatedHost,
  options: Partial<ModstampClientOptions> = {},
): ModstampClient {
  const loop = new EventLoop({ poller: host.poller() });
  return new ModstampClient({ hostname: SERVER_ADDRESS, loop, ...options });
}

/** Reads a client's changes as they come. */
export class Reader {
  /** The changes so far, as `id=value`. */
  readonly texts: string[] = [];
  /** What the iteration has ended with: an error, or `undefined` when it just ended. */
  ended: { error: unknown } | null = null;
  readonly #feed: AsyncIterableIterator<Change>;

  /** Begins to listen. */
  constructor(
    client: ModstampClient,
    known: Record<string, string | Uint8Array | null>,
    options: ListenOptions = {},
  ) {
    this.#feed = client.listen(known, options);
    this.#read().then(() => this.ended = { error: undefined }, (error) => this.ended = { error });
  }

  /** The changes since the last call. */
  take(): string[] {
    return this.texts.splice(0);
  }

  /** Stops listening. */
  async stop(): Promise<void> {
    await this.#feed.return!();
  }

  async #read(): Promise<void> {
    for await (const { id, value } of this.#feed) this.texts.push(`${id}=${value}`);
  }
}
