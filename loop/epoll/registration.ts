import type { EpollSet, Watcher } from "./epoll_set.ts";

/** Options of {@linkcode Registration}. */
export interface RegistrationOptions {
  /** What waits. */
  set: EpollSet;
  /** Who is told. */
  watcher: Watcher;
  /** The descriptor's number. */
  descriptor: number;
}

/** What is waited for on one descriptor. */
export class Registration implements Disposable {
  readonly #set: EpollSet;
  readonly #watcher: Watcher;
  readonly #descriptor: number;
  #place = -1;
  #events = 0;

  /** @param options See {@linkcode RegistrationOptions}. */
  constructor(options: RegistrationOptions) {
    this.#set = options.set;
    this.#watcher = options.watcher;
    this.#descriptor = options.descriptor;
  }

  /**
   * Waits for other events than so far. Errors are always told with them; for
   * no event at all the descriptor leaves the set, as errors would be told
   * again and again otherwise.
   *
   * @param events Bits of `Interest`.
   * @returns 0, or the error number.
   */
  want(events: number): number {
    if (events === this.#events) return 0;
    if (events === 0) {
      this[Symbol.dispose]();
      return 0;
    }
    const wanted = { descriptor: this.#descriptor, events };
    if (this.#place >= 0) {
      this.#set.change(this.#place, wanted);
    } else {
      const place = this.#set.add(this.#watcher, wanted);
      if (place < 0) return -place;
      this.#place = place;
    }
    this.#events = events;
    return 0;
  }

  /** Waits for nothing; called before the descriptor is closed. */
  [Symbol.dispose](): void {
    if (this.#place < 0) return;
    this.#set.remove(this.#place, this.#descriptor);
    this.#place = -1;
    this.#events = 0;
  }
}
