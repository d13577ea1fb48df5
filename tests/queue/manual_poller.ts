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

/** A clock that stands still until it is moved; several pollers can share it. */
export class ManualClock implements Clock {
  nowMs = 0;
  /** How far the machine's clock was set ahead, or, when negative, back. */
  wallShiftMs = 0;
  /** How many pollers share it. */
  pollers = 0;

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return Date.UTC(2025, 0, 1) + this.nowMs + this.wallShiftMs;
  }
}

/** A poller without sockets whose clock moves only when the test says so. */
export class ManualPoller implements Poller {
  readonly name = "simulated";
  readonly random: RandomSource;
  readonly active = 0;
  readonly clock: ManualClock;
  #deadline = Infinity;
  #resume: (() => void) | null = null;

  constructor(clock = new ManualClock()) {
    this.clock = clock;
    this.random = new SeededRandom(++clock.pollers);
  }

  attach(_host: PollerHost): void {}

  poll(timeoutMs: number): Promise<void> {
    if (timeoutMs <= 0) return settle();
    this.#deadline = this.clock.nowMs + timeoutMs;
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
    const target = this.clock.nowMs + ms;
    await settle();
    while (this.#deadline <= target) {
      this.clock.nowMs = Math.max(this.clock.nowMs, this.#deadline);
      this.wake();
      await settle();
    }
    this.clock.nowMs = target;
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
