import type { EventLoop } from "../../loop/mod.ts";
import type { WatchHub } from "./watch_hub.ts";

/** What to wait for. */
export interface PollOptions {
  /** Whether the value is still the one that the client knows. */
  readonly isKnown: () => boolean;
  /** How long to wait. */
  readonly waitMs: number;
  /** Ends it, as the client has gone. */
  readonly signal: AbortSignal;
}

/** Requests that wait for a change. */
export class LongPolls implements Disposable {
  readonly #loop: EventLoop;
  readonly #hub: WatchHub;
  readonly #maxPolls: number;
  readonly #waiting = new Set<() => void>();

  /**
   * @param options What times them, who tells of changes, and most of them at a time.
   */
  constructor(options: { loop: EventLoop; hub: WatchHub; maxPolls: number }) {
    this.#loop = options.loop;
    this.#hub = options.hub;
    this.#maxPolls = options.maxPolls;
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Waits until the value of an id is another one, but not for ever.
   *
   * @returns Whether there was room to wait.
   */
  async wait(id: string, { isKnown, waitMs, signal }: PollOptions): Promise<boolean> {
    if (!isKnown() || signal.aborted) return true;
    if (this.#waiting.size >= this.#maxPolls) return false;
    const over = Promise.withResolvers<void>();
    const end = (): void => over.resolve();
    using _watch = this.#hub.watch([id], () => {
      if (!isKnown()) end();
    });
    const timer = this.#loop.callLater(waitMs, end);
    signal.addEventListener("abort", end);
    this.#waiting.add(end);
    try {
      await over.promise;
    } finally {
      this.#waiting.delete(end);
      signal.removeEventListener("abort", end);
      timer.cancel();
    }
    return true;
  }

  /** Answers all of them. */
  [Symbol.dispose](): void {
    for (const end of this.#waiting) end();
  }
}
