/** What the loop calls. A rejected promise counts as a failure of the callback. */
export type Callback = () => void | Promise<void>;

/**
 * A callback that the loop will call, and the way to take it back.
 *
 * @example Cancel
 * ```ts
 * import { EventLoop } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * await using loop = new EventLoop();
 * const calls: string[] = [];
 * loop.callSoon(() => void calls.push("kept"));
 * const handle = loop.callSoon(() => void calls.push("cancelled"));
 * handle.cancel();
 * await loop.run();
 * assertEquals(calls, ["kept"]);
 * ```
 */
export class Handle implements Disposable {
  /** When the callback is due on the loop's monotonic clock, in milliseconds. */
  at: number;
  /** The repetition period in milliseconds, or 0 for once. */
  readonly periodMs: number;
  /** @ignore Order of arming; kept by the loop's timer queue. */
  order = 0;
  /** @ignore Place in the loop's timer queue, or -1. */
  place = -1;
  #callback: Callback | null;
  #disarm: ((handle: Handle) => void) | null;

  /** @ignore Handles are made by the loop. */
  constructor(callback: Callback, options: HandleOptions = {}) {
    this.#callback = callback;
    this.at = options.at ?? 0;
    this.periodMs = options.periodMs ?? 0;
    this.#disarm = options.disarm ?? null;
  }

  /** Whether the callback may still be called. */
  get active(): boolean {
    return this.#callback !== null;
  }

  /** Takes the callback back; does nothing when it was called or cancelled. */
  cancel(): void {
    this.#callback = null;
    this.#disarm?.(this);
    this.#disarm = null;
  }

  /** Same as {@linkcode cancel}. */
  [Symbol.dispose](): void {
    this.cancel();
  }

  /** @ignore Called by the loop only. */
  fire(): void | Promise<void> {
    const callback = this.#callback;
    if (callback === null) return;
    if (this.periodMs === 0) this.#callback = null;
    return callback();
  }
}

/** @ignore Options of {@linkcode Handle}, for the loop. */
export interface HandleOptions {
  /** When the callback is due. */
  at?: number;
  /** Period of a repeated callback in milliseconds. */
  periodMs?: number;
  /** Takes the handle out of the queue that holds it. */
  disarm?: (handle: Handle) => void;
}
