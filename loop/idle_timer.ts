import type { Handle } from "./handle.ts";
import type { PollerHost } from "./poller.ts";

/** Options of {@linkcode IdleTimer}. */
export interface IdleTimerOptions {
  /** The loop. */
  host: PollerHost;
  /** How long nothing may happen, in milliseconds. */
  timeoutMs: number;
  /** Called, in the timer phase, when nothing has happened for that long. */
  onIdle: () => void;
}

/**
 * Notices when nothing has happened for a while. Telling it that something did
 * costs no more than a look at the clock, as the loop's timer is only armed
 * again when it fires too early.
 */
export class IdleTimer {
  readonly #host: PollerHost;
  readonly #timeoutMs: number;
  readonly #onIdle: () => void;
  #touchedAt: number;
  #handle: Handle | null;

  /**
   * Makes an idle timer.
   *
   * @param options See {@linkcode IdleTimerOptions}.
   */
  constructor(options: IdleTimerOptions) {
    this.#host = options.host;
    this.#timeoutMs = options.timeoutMs;
    this.#onIdle = options.onIdle;
    this.#touchedAt = this.#host.now();
    this.#handle = this.#host.callLater(this.#timeoutMs, this.#check);
  }

  /** Something has happened. */
  touch(): void {
    this.#touchedAt = this.#host.now();
  }

  /** Looks no more. */
  cancel(): void {
    this.#handle?.cancel();
    this.#handle = null;
  }

  #check = (): void => {
    const leftMs = this.#touchedAt + this.#timeoutMs - this.#host.now();
    if (leftMs <= 0) return this.#onIdle();
    this.#handle = this.#host.callLater(leftMs, this.#check);
  };
}
