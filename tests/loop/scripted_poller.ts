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

/**
 * A poller that writes down what its loop asks of it. Waiting for a timer moves
 * its clock; waiting for I/O ends by `wake()` only.
 */
export class ScriptedPoller implements Poller {
  readonly name = "simulated";
  readonly random: RandomSource = new SeededRandom(1);
  readonly clock: Clock = { monotonicMs: () => this.nowMs, wallMs: () => 1_000_000 + this.nowMs };
  /** What the loop asked, and what tests add. */
  readonly log: string[];
  /** What its clock shows. */
  nowMs = 0;
  /** How many sockets it claims to have. */
  active = 0;
  /** What is ready: each is called in the next I/O phase. */
  ready: (() => void)[] = [];
  /** The loop it serves. */
  host!: PollerHost;
  #resume: (() => void) | null = null;

  /** @param log Where to write. */
  constructor(log: string[] = []) {
    this.log = log;
  }

  attach(host: PollerHost): void {
    this.host = host;
  }

  poll(timeoutMs: number): void | Promise<void> {
    this.log.push(`poll ${timeoutMs}`);
    if (this.ready.length > 0 || timeoutMs === 0) return;
    if (timeoutMs === Infinity) return new Promise((resolve) => this.#resume = resolve);
    this.nowMs += timeoutMs;
  }

  respond(): void {
    this.log.push("respond");
    for (const respond of this.ready.splice(0)) respond();
    this.log.push("responded");
  }

  wake(): void {
    this.#resume?.();
    this.#resume = null;
  }

  flush(): Promise<void> {
    this.log.push("flush");
    return Promise.resolve();
  }

  resolve(hostname: string): Promise<string[]> {
    return Promise.reject(new TypeError(`Cannot resolve ${hostname} as this is a test`));
  }

  bindDatagram(): Promise<DatagramSocket> {
    return Promise.reject(new TypeError("Cannot bind as this is a test"));
  }

  listenStream(): Promise<StreamListener> {
    return Promise.reject(new TypeError("Cannot listen as this is a test"));
  }

  connectStream(): Promise<StreamSocket> {
    return Promise.reject(new TypeError("Cannot connect as this is a test"));
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.log.push("dispose");
    return Promise.resolve();
  }
}
