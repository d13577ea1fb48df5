import type { Handle } from "./handle.ts";
import type { PollerHost } from "./poller.ts";

const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;

/** How a listener waits while the system is short of descriptors or memory: ever longer. */
export class AcceptPause {
  readonly #host: PollerHost;
  #timer: Handle | null = null;
  #nextMs = MIN_PAUSE_MS;
  #count = 0;

  /**
   * @param host The loop.
   */
  constructor(host: PollerHost) {
    this.#host = host;
  }

  /** Whether it waits. */
  get active(): boolean {
    return this.#timer !== null;
  }

  /** How often it has waited. */
  get count(): number {
    return this.#count;
  }

  /** Waits, and then calls `goOn`. */
  begin(goOn: () => void): void {
    this.#count++;
    this.#timer = this.#host.callLater(this.#nextMs, () => {
      this.#timer = null;
      goOn();
    });
    this.#nextMs = Math.min(this.#nextMs * 2, MAX_PAUSE_MS);
  }

  /** The next pause is a short one again, as a connection was accepted. */
  relax(): void {
    this.#nextMs = MIN_PAUSE_MS;
  }

  /** Waits no longer. */
  cancel(): void {
    this.#timer?.cancel();
  }
}
