import { setImmediate } from "node:timers";
import {
  type Clock,
  type DatagramSocket,
  type Poller,
  type PollerHost,
  type RandomSource,
  SeededRandom,
  type StreamListener,
  type StreamSocket,
} from "../../loop/mod.ts";

/** Lets everything run that can run without time passing on the clock. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A poller without sockets whose clock moves only when the test says so. */
export class ManualPoller implements Poller {
  readonly name = "simulated";
  readonly random: RandomSource = new SeededRandom(1);
  readonly active = 0;
  #now = 0;
  #deadline = Infinity;
  #resume: (() => void) | null = null;
  readonly clock: Clock = {
    monotonicMs: () => this.#now,
    wallMs: () => Date.UTC(2025, 0, 1) + this.#now,
  };

  attach(_host: PollerHost): void {}

  poll(timeoutMs: number): Promise<void> {
    if (timeoutMs <= 0) return settle();
    this.#deadline = this.#now + timeoutMs;
    return new Promise((resolve) => this.#resume = resolve);
  }

  respond(): void {}

  wake(): void {
    this.#deadline = Infinity;
    this.#resume?.();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** Moves the clock, from one timer to the next. */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settle();
    while (this.#deadline <= target) {
      this.#now = Math.max(this.#now, this.#deadline);
      this.wake();
      await settle();
    }
    this.#now = target;
    this.wake();
    await settle();
  }

  resolve(): Promise<string[]> {
    throw new TypeError("Cannot resolve names by hand");
  }

  bindDatagram(): Promise<DatagramSocket> {
    throw new TypeError("Cannot open sockets by hand");
  }

  listenStream(): Promise<StreamListener> {
    throw new TypeError("Cannot open sockets by hand");
  }

  connectStream(): Promise<StreamSocket> {
    throw new TypeError("Cannot open sockets by hand");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
