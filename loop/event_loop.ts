import type { Clock } from "./clock.ts";
import type { DatagramOptions, DatagramSocket } from "./datagram.ts";
import { type Callback, Handle } from "./handle.ts";
import { parseIp } from "./ip_address.ts";
import { type LoopStats, PhaseMeter } from "./phase_meter.ts";
import type { Poller, PollerName } from "./poller.ts";
import type { RandomSource } from "./random.ts";
import { checkConnectOptions, checkListenOptions } from "./check_stream_options.ts";
import { choosePoller } from "./choose_poller.ts";
import type { ConnectOptions, ListenOptions, StreamListener, StreamSocket } from "./stream.ts";
import { TimerQueue } from "./timer_queue.ts";

/** Iterations that {@linkcode EventLoop.stop} grants to callbacks that queue further ones. */
const MAX_DRAIN_ITERATIONS = 1000;

/** Options of {@linkcode EventLoop}. */
export interface EventLoopOptions {
  /**
   * How the loop waits for I/O: a poller of its own, or the name of one.
   *
   * @default {the value of SLUICE_POLLER, else the best one that works here}
   */
  poller?: Poller | Exclude<PollerName, "simulated">;
  /**
   * Called with what a callback threw. The other callbacks run on.
   *
   * @default {reportError, which ends the process unless an "error" listener prevents it}
   */
  onError?: (error: unknown) => void;
  /**
   * Called once when the best poller can't be used here, with a line that says why.
   *
   * @default {nothing}
   */
  onFallback?: (reason: string) => void;
}

/**
 * An event loop. Each iteration has four phases, always in this order:
 *
 * 1. *callbacks* that earlier iterations queued with {@linkcode callSoon};
 * 2. *timers* that are due;
 * 3. *poll*: wait for I/O, no longer than the next timer, not at all when callbacks wait;
 * 4. *I/O response*: move the bytes that are ready, and nothing else. What
 *    arrived is handed to a callback of the next iteration.
 *
 * The loop starts by itself when there is something to do, and lets the
 * process exit when there is nothing left.
 *
 * @example Callbacks, then timers
 * ```ts
 * import { EventLoop } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * await using loop = new EventLoop();
 * const calls: string[] = [];
 * loop.callLater(0, () => void calls.push("timer"));
 * loop.callSoon(() => void calls.push("callback"));
 * await loop.run();
 * assertEquals(calls, ["callback", "timer"]);
 * ```
 */
export class EventLoop implements AsyncDisposable {
  static #default: EventLoop | undefined;
  readonly #poller: Poller;
  readonly #onError: (error: unknown) => void;
  readonly #timers = new TimerQueue();
  readonly #meter: PhaseMeter;
  readonly #disarm = (handle: Handle): void => this.#timers.remove(handle);
  #queue: Handle[] = [];
  #running: Handle[] = [];
  #driving: Promise<void> | null = null;
  #parked = false;
  #stopped = false;
  #halted = false;
  #now: number;

  /**
   * Makes a loop, which starts once it has something to do.
   *
   * @param options See {@linkcode EventLoopOptions}.
   * @throws {TypeError} When the named poller can't be used here.
   */
  constructor(options: EventLoopOptions = {}) {
    const { poller } = options;
    this.#poller = typeof poller === "object" ? poller : choosePoller({
      name: poller,
      onFallback: options.onFallback,
    });
    this.#onError = options.onError ?? ((error) => reportError(error));
    this.#now = this.#poller.clock.monotonicMs();
    this.#meter = new PhaseMeter(this.#poller.clock);
    this.#poller.attach({
      now: () => this.now(),
      callSoon: (callback) => !this.#ended && this.callSoon(callback).active,
      callLater: (delayMs, callback) => this.#stopped ? null : this.callLater(delayMs, callback),
      report: (error) => this.#fail(error),
      start: () => this.#start(),
      halt: () => this.#halt(),
    });
  }

  /** The loop that those share who are given none. */
  static default(): EventLoop {
    if (EventLoop.#default === undefined || EventLoop.#default.#stopped) {
      EventLoop.#default = new EventLoop();
    }
    return EventLoop.#default;
  }

  /** Which poller the loop waits with. */
  get poller(): PollerName {
    return this.#poller.name;
  }

  /** The clock that the loop reads. */
  get clock(): Clock {
    return this.#poller.clock;
  }

  /** The random source that belongs to the loop. */
  get random(): RandomSource {
    return this.#poller.random;
  }

  /** Milliseconds on the loop's monotonic clock, as of this iteration. */
  now(): number {
    return this.#driving === null || this.#parked ? this.#poller.clock.monotonicMs() : this.#now;
  }

  /** Milliseconds since the Unix epoch on the loop's clock. */
  wallNow(): number {
    return this.#poller.clock.wallMs();
  }

  /** Calls `callback` in the callback phase of the next iteration. */
  callSoon(callback: Callback): Handle {
    this.#assertOpen();
    const handle = new Handle(callback);
    if (this.#halted) {
      handle.cancel();
    } else {
      this.#queue.push(handle);
      this.#start();
    }
    return handle;
  }

  /**
   * Calls `callback` once, `delayMs` from now; never when that is `Infinity`.
   *
   * @throws {RangeError} When `delayMs` is negative or no number.
   */
  callLater(delayMs: number, callback: Callback): Handle {
    const at = this.now() + checkDuration(delayMs, 0);
    return this.#arm(new Handle(callback, { at, disarm: this.#disarm }));
  }

  /**
   * Calls `callback` once, when {@linkcode now} reaches `at`; after what is due
   * already when that is past, never when it is `Infinity`.
   *
   * @throws {RangeError} When `at` is no number.
   */
  callAt(at: number, callback: Callback): Handle {
    if (Number.isNaN(at)) throw new RangeError("Cannot arm timer as its time is no number");
    // An earlier deadline would go before timers that have waited for longer.
    const due = Math.max(at, this.now());
    return this.#arm(new Handle(callback, { at: due, disarm: this.#disarm }));
  }

  /**
   * Calls `callback` every `periodMs`, first one period from now. A period that
   * the loop was too busy for is left out, not made up for.
   *
   * @throws {RangeError} When `periodMs` is not positive.
   */
  every(periodMs: number, callback: Callback): Handle {
    const at = this.now() + checkDuration(periodMs, Number.MIN_VALUE);
    return this.#arm(new Handle(callback, { at, periodMs, disarm: this.#disarm }));
  }

  /**
   * Waits `delayMs` on the loop's clock. Stopping the loop disarms this timer as
   * all others: what waits then waits for ever, so give it a signal.
   *
   * @throws {TypeError} When the loop was stopped before.
   * @throws The reason of `signal` when it is aborted before.
   */
  sleep(delayMs: number, options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#stopped && !this.#halted) throw stopped();
      const handle = this.callLater(delayMs, () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      });
      const abort = (): void => {
        handle.cancel();
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /**
   * Finds the IP addresses of a host, in the order to try them. An IP address
   * stands for itself.
   *
   * @throws {UnknownHostError} When the name is not known.
   */
  async resolve(hostname: string): Promise<string[]> {
    if (parseIp(hostname.split("%")[0]) !== null) return [hostname];
    return await this.#poller.resolve(hostname);
  }

  /** Opens a datagram socket. */
  bindDatagram(options: DatagramOptions): Promise<DatagramSocket> {
    this.#assertOpen();
    return this.#poller.bindDatagram(options);
  }

  /**
   * Listens for stream connections.
   *
   * @example Echo
   * ```ts
   * import { EventLoop } from "@sluice/sluice/loop";
   * import { assertEquals } from "@std/assert";
   *
   * await using loop = new EventLoop();
   * await using listener = await loop.listenStream({
   *   hostname: "127.0.0.1",
   *   onConnection: () => ({ onData: (chunk, stream) => void stream.write(chunk) }),
   * });
   * const { port } = listener.localAddress as { port: number };
   *
   * const { promise, resolve } = Promise.withResolvers<string>();
   * await using stream = await loop.connectStream({
   *   hostname: "127.0.0.1",
   *   port,
   *   handlers: { onData: (chunk) => resolve(new TextDecoder().decode(chunk)) },
   * });
   * stream.write(new TextEncoder().encode("hello"));
   * assertEquals(await promise, "hello");
   * ```
   *
   * @throws {ListenError} When the address can't be bound.
   * @throws {RangeError} When an option is out of its range.
   * @throws {TypeError} When the loop was stopped, or the poller lacks what is asked for.
   */
  async listenStream(options: ListenOptions): Promise<StreamListener> {
    this.#assertOpen();
    checkListenOptions(options);
    return await this.#poller.listenStream(options);
  }

  /**
   * Opens a stream connection; see {@linkcode listenStream} for an example. Its
   * handlers are called no sooner than the stream is handed over.
   *
   * @throws {StreamError} When there is no connection in time; its code says why.
   * @throws The reason of `signal` when it is aborted before.
   * @throws {RangeError} When an option is out of its range.
   * @throws {TypeError} When the loop was stopped, or the poller lacks what is asked for.
   */
  async connectStream(options: ConnectOptions): Promise<StreamSocket> {
    this.#assertOpen();
    checkConnectOptions(options);
    return await this.#poller.connectStream(options);
  }

  /** Resolves when the loop has nothing left to do, or was stopped. */
  async run(): Promise<void> {
    while (this.#driving !== null) await this.#driving;
  }

  /**
   * Runs the callbacks that are queued, disarms all timers, sends what is
   * queued for sending, and ends the loop. Sockets stay open, but silent.
   */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timers.clear();
    this.#poller.wake();
    await this.run();
    await this.#poller.flush();
  }

  /** Stops the loop, then closes its sockets. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#poller[Symbol.asyncDispose]();
  }

  /** What the loop has done so far. */
  stats(): LoopStats {
    return this.#meter.stats();
  }

  get #ended(): boolean {
    return this.#stopped && this.#driving === null;
  }

  #assertOpen(): void {
    if (this.#ended && !this.#halted) {
      throw stopped();
    }
  }

  #arm(handle: Handle): Handle {
    this.#assertOpen();
    if (this.#stopped || handle.at === Infinity) return handle;
    const sooner = handle.at < this.#timers.nextAt;
    this.#timers.add(handle);
    if (sooner) this.#start();
    return handle;
  }

  #halt(): void {
    this.#stopped = true;
    this.#halted = true;
    this.#timers.clear();
    this.#queue.length = 0;
    this.#running.length = 0;
  }

  #start(): void {
    if (this.#parked) return this.#poller.wake();
    if (this.#driving !== null) return;
    this.#now = this.#poller.clock.monotonicMs();
    this.#driving = Promise.resolve().then(() => this.#drive());
  }

  async #drive(): Promise<void> {
    let drains = 0;
    try {
      while (this.#hasWork() && (!this.#stopped || drains++ < MAX_DRAIN_ITERATIONS)) {
        this.#meter.begin();
        this.#runCallbacks();
        this.#now = this.#meter.enter("timers");
        this.#runTimers();
        this.#meter.mark("poll");
        const polled = this.#poller.poll(this.#patienceMs());
        if (polled !== undefined) {
          this.#parked = true;
          await polled;
          this.#parked = false;
        }
        this.#now = this.#meter.enter("respond");
        this.#poller.respond();
        this.#meter.end();
      }
    } finally {
      this.#parked = false;
      this.#driving = null;
    }
  }

  #hasWork(): boolean {
    return this.#queue.length > 0 || this.#canWait();
  }

  #canWait(): boolean {
    return !this.#stopped && (this.#timers.size > 0 || this.#poller.active > 0);
  }

  #patienceMs(): number {
    if (this.#queue.length > 0 || !this.#canWait()) return 0;
    if (this.#timers.size === 0) return Infinity;
    // Callbacks and timers have taken their time since the iteration began.
    return Math.max(0, this.#timers.nextAt - this.#poller.clock.monotonicMs());
  }

  #runCallbacks(): void {
    const due = this.#queue;
    this.#queue = this.#running;
    this.#running = due;
    for (let i = 0; i < due.length; i++) this.#fire(due[i]);
    this.#meter.callbacks += due.length;
    due.length = 0;
  }

  #runTimers(): void {
    const mark = this.#timers.mark;
    for (;;) {
      const handle = this.#timers.take(this.#now, mark);
      if (handle === null) return;
      this.#meter.lag(this.#now - handle.at);
      this.#fire(handle);
      if (handle.periodMs > 0 && handle.active && !this.#stopped) this.#rearm(handle);
    }
  }

  #rearm(handle: Handle): void {
    const missed = Math.floor((this.#now - handle.at) / handle.periodMs);
    handle.at += (missed + 1) * handle.periodMs;
    this.#timers.add(handle);
  }

  #fire(handle: Handle): void {
    try {
      const result = handle.fire();
      if (result !== undefined) result.then(undefined, (error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#meter.errors++;
    try {
      this.#onError(error);
    } catch (failure) {
      reportError(failure);
    }
  }
}

function checkDuration(durationMs: number, least: number): number {
  if (durationMs >= least) return durationMs;
  throw new RangeError(
    `Cannot arm timer as its duration must be a number of at least ${least} ms: received ${durationMs}`,
  );
}

function stopped(): TypeError {
  return new TypeError("Cannot use event loop as it was stopped");
}
