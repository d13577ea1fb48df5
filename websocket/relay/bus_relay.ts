import type { Relay, RelayHandler } from "./relay.ts";

/** What a relay needs of a bus: that of a supervisor's workers has it. */
export interface RelayBus {
  /** Publishes to all others; `false` when it was not taken. */
  publish(topic: string, data: Uint8Array): boolean;
  /** Has `handler` called with each message of a topic. */
  subscribe(topic: string, handler: (message: { bytes: Uint8Array }) => void): Disposable;
}

/**
 * Passes messages between the workers of one supervisor, through its bus.
 *
 * @example In a worker
 * ```ts
 * import { BusRelay, Rooms } from "@sluice/sluice/websocket";
 * import { worker } from "@sluice/sluice/prefork";
 *
 * const { bus } = await worker();
 * const rooms = new Rooms({ onMessage() {} }, { relay: new BusRelay(bus) });
 * rooms.broadcast("red", "hello");
 * ```
 */
export class BusRelay implements Relay {
  readonly #bus: RelayBus;
  readonly #prefix: string;

  /**
   * Makes a relay.
   *
   * @param bus The bus.
   * @param options What the topics on it begin with, `sluice.relay.` unless told otherwise.
   */
  constructor(bus: RelayBus, options: { prefix?: string } = {}) {
    this.#bus = bus;
    this.#prefix = options.prefix ?? "sluice.relay.";
  }

  /** Sends a message to all others. */
  send(channel: string, bytes: Uint8Array): boolean {
    return this.#bus.publish(this.#prefix + channel, bytes);
  }

  /** Has `handler` called with each message of others. */
  listen(channel: string, handler: RelayHandler): Disposable {
    return this.#bus.subscribe(this.#prefix + channel, ({ bytes }) => handler(bytes.slice()));
  }

  /** Does nothing: the bus is the worker's. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
