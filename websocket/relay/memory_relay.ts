import { ChannelTable } from "./channel_table.ts";
import type { Relay, RelayHandler } from "./relay.ts";

/**
 * Passes messages between servers of one process.
 *
 * @example Rooms of two servers are one
 * ```ts
 * import { MemoryRelay, Rooms } from "@sluice/sluice/websocket";
 *
 * const relay = new MemoryRelay();
 * const one = new Rooms({ onMessage() {} }, { relay });
 * const two = new Rooms({ onMessage() {} }, { relay: new MemoryRelay(relay) });
 * one.broadcast("red", "hello"); // reaches those in the room of both
 * two.broadcast("red", "hello");
 * ```
 */
export class MemoryRelay implements Relay {
  readonly #circle: Set<MemoryRelay>;
  readonly #channels = new ChannelTable();

  /**
   * Makes a relay.
   *
   * @param other One of those that it is connected to.
   */
  constructor(other?: MemoryRelay) {
    this.#circle = other === undefined ? new Set() : other.#circle;
    this.#circle.add(this);
  }

  /** Sends a message to all others, who get it a moment later. */
  send(channel: string, bytes: Uint8Array): boolean {
    const copy = bytes.slice();
    queueMicrotask(() => {
      for (const each of this.#circle) if (each !== this) each.#channels.deliver(channel, copy);
    });
    return true;
  }

  /** Has `handler` called with each message of others. */
  listen(channel: string, handler: RelayHandler): Disposable {
    return this.#channels.add(channel, handler);
  }

  /** Leaves the others. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#circle.delete(this);
    return Promise.resolve();
  }
}
