import type { EventLoop } from "../loop/mod.ts";

/** Those who listen to events of one kind or another; what one of them throws stops no other. */
export class EventListeners<Events extends object> {
  readonly #loop: EventLoop;
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /**
   * @param loop Told of what a listener throws.
   */
  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Calls `listener` for each event of a kind, until what is returned is disposed. */
  on<Kind extends keyof Events>(kind: Kind, listener: (event: Events[Kind]) => void): Disposable {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(listener));
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  }

  /** Whether anybody listens to events of a kind. */
  has(kind: keyof Events): boolean {
    return (this.#listeners.get(kind)?.size ?? 0) > 0;
  }

  /** Tells of an event. */
  emit<Kind extends keyof Events>(kind: Kind, event: Events[Kind]): void {
    const listeners = this.#listeners.get(kind);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      try {
        listener(event as never);
      } catch (error) {
        this.#loop.callSoon(() => Promise.reject(error));
      }
    }
  }
}
