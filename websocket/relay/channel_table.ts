import type { RelayHandler } from "./relay.ts";

/** Who listens to which channel of a relay. */
export class ChannelTable {
  readonly #handlers = new Map<string, Set<RelayHandler>>();

  /** Adds a handler. */
  add(channel: string, handler: RelayHandler): Disposable {
    const handlers = this.#handlers.get(channel) ?? new Set();
    this.#handlers.set(channel, handlers.add(handler));
    return {
      [Symbol.dispose]: () => {
        handlers.delete(handler);
        if (handlers.size === 0 && this.#handlers.get(channel) === handlers) {
          this.#handlers.delete(channel);
        }
      },
    };
  }

  /** Gives a message to those who listen. */
  deliver(channel: string, bytes: Uint8Array): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(bytes.slice());
  }
}
