import type { BusHandler, BusMessage } from "./bus.ts";
import { checkTopic } from "./_publication.ts";

/** Most topics that one process subscribes to. */
export const MAX_TOPICS = 10_000;

/** Who in this process listens to which topic. */
export class TopicTable {
  readonly #handlers = new Map<string, Set<BusHandler>>();
  readonly #onFirst: (topic: string) => void;
  readonly #onLast: (topic: string) => void;

  /**
   * Makes a topic table.
   *
   * @param onFirst Called with a topic that has got its first handler.
   * @param onLast Called with a topic that has lost its last handler.
   */
  constructor(onFirst: (topic: string) => void, onLast: (topic: string) => void) {
    this.#onFirst = onFirst;
    this.#onLast = onLast;
  }

  /** Adds a handler, until it is disposed. */
  add(topic: string, handler: BusHandler): Disposable {
    checkTopic(topic);
    const handlers = this.#handlers.get(topic) ?? this.#open(topic);
    handlers.add(handler);
    return { [Symbol.dispose]: () => this.#remove(topic, handler) };
  }

  /** Whether anybody listens to a topic. */
  has(topic: string): boolean {
    return this.#handlers.has(topic);
  }

  /** Calls the handlers of a message. */
  deliver(message: BusMessage): void {
    for (const handler of this.#handlers.get(message.topic) ?? []) handler(message);
  }

  #open(topic: string): Set<BusHandler> {
    if (this.#handlers.size >= MAX_TOPICS) {
      throw new RangeError(
        `Cannot subscribe to ${topic} as there are ${MAX_TOPICS} topics already`,
      );
    }
    const handlers = new Set<BusHandler>();
    this.#handlers.set(topic, handlers);
    this.#onFirst(topic);
    return handlers;
  }

  #remove(topic: string, handler: BusHandler): void {
    const handlers = this.#handlers.get(topic);
    if (handlers === undefined || !handlers.delete(handler) || handlers.size > 0) return;
    this.#handlers.delete(topic);
    this.#onLast(topic);
  }
}
