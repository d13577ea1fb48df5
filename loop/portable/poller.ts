import { BlockPool } from "../block_pool.ts";
import { type Clock, SystemClock } from "../clock.ts";
import type { DatagramOptions, DatagramSocket } from "../datagram.ts";
import { macrotask } from "../macrotask.ts";
import type { Poller, PollerHost } from "../poller.ts";
import { type RandomSource, SystemRandom } from "../random.ts";
import { resolveHostname } from "../resolve_hostname.ts";
import type { ConnectOptions, ListenOptions, StreamListener, StreamSocket } from "../stream.ts";
import { connectPortableStream } from "./connect.ts";
import { bindPortableDatagram } from "./datagram.ts";
import { listenPortableStream } from "./listener.ts";

/** Iterations without waiting after which everything else in the process gets a turn. */
const MAX_BUSY_ITERATIONS = 16;
/** The longest delay the platform's timers keep. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A socket of this poller, as the poller sees it. */
export interface PortableSource {
  /** Moves what is ready; called in the I/O phase after {@linkcode PortablePoller.markReady}. */
  respond(): void;
  /** Waits until what it has queued was sent or has failed. */
  flush(): Promise<void>;
  /**
   * Closes it at once and without a word, as the loop is being disposed.
   *
   * @returns When its address is free again.
   */
  drop(): void | Promise<void>;
}

/** A socket of this poller that reads only what it asked for. */
export interface PortableReader {
  /** Asks for more; called once after {@linkcode PortablePoller.readLast}. */
  read(): void;
}

/**
 * A poller on the platform's own asynchronous operations. Works wherever the
 * platform does, and is the only one that speaks TLS.
 */
export class PortablePoller implements Poller {
  /** This is the portable poller. */
  readonly name = "portable";
  /** The machine's clock. */
  readonly clock: Clock = new SystemClock();
  /** The platform's random source. */
  readonly random: RandomSource = new SystemRandom();
  /** Memory for the write queues of its streams. */
  readonly pool: BlockPool = new BlockPool();
  readonly #sources = new Set<PortableSource>();
  #host!: PollerHost;
  #ready: PortableSource[] = [];
  #responding: PortableSource[] = [];
  readonly #readers: PortableReader[] = [];
  #resume: (() => void) | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAt = Infinity;
  #busy = 0;

  /** How many sockets are open. */
  get active(): number {
    return this.#sources.size;
  }

  /** Whether a socket waits for the I/O phase. */
  get ready(): boolean {
    return this.#ready.length > 0;
  }

  /** The loop that this poller serves. */
  get host(): PollerHost {
    return this.#host;
  }

  /** Connects the poller with its loop. */
  attach(host: PollerHost): void {
    this.#host = host;
  }

  /** Begins to wait for `source`; starts the loop. */
  add(source: PortableSource): void {
    this.#sources.add(source);
    this.#host.start();
  }

  /** Waits for `source` no longer. */
  remove(source: PortableSource): void {
    this.#sources.delete(source);
    this.wake();
  }

  /** Has `source` respond in the next I/O phase. */
  markReady(source: PortableSource): void {
    this.#ready.push(source);
    this.wake();
  }

  /** Waits until a source is ready, `timeoutMs` has passed, or {@linkcode wake}. */
  poll(timeoutMs: number): void | Promise<void> {
    if (this.#ready.length > 0 || timeoutMs <= 0) {
      if (++this.#busy < MAX_BUSY_ITERATIONS) return;
      this.#busy = 0;
      return macrotask();
    }
    this.#busy = 0;
    this.#armTimer(timeoutMs);
    return new Promise((resolve) => this.#resume = resolve);
  }

  /** Lets each ready source move its bytes. */
  respond(): void {
    const due = this.#ready;
    this.#ready = this.#responding;
    this.#responding = due;
    for (const source of due) source.respond();
    due.length = 0;
    for (const reader of this.#readers) reader.read();
    this.#readers.length = 0;
    if (this.#sources.size === 0) this.#disarmTimer();
  }

  /**
   * Has `reader` ask for more when all have responded: by then the peers have
   * had time to answer, and what is there already needn't be waited for.
   */
  readLast(reader: PortableReader): void {
    this.#readers.push(reader);
  }

  /** Ends a wait that is under way. */
  wake(): void {
    this.#resume?.();
    this.#resume = null;
  }

  /** Waits until all sockets have sent what they had queued. */
  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#sources, (source) => source.flush()));
  }

  /** Asks the system's resolver. */
  resolve(hostname: string): Promise<string[]> {
    return resolveHostname(hostname);
  }

  /** Opens a datagram socket. */
  bindDatagram(options: DatagramOptions): Promise<DatagramSocket> {
    return bindPortableDatagram(this, options);
  }

  /** Listens for stream connections. */
  listenStream(options: ListenOptions): Promise<StreamListener> {
    return listenPortableStream(this, options);
  }

  /** Opens a stream connection. */
  connectStream(options: ConnectOptions): Promise<StreamSocket> {
    return connectPortableStream(this, options);
  }

  /** Closes all sockets. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disarmTimer();
    await Promise.all(Array.from(this.#sources, (source) => source.drop()));
  }

  // A timer that fires too early costs one empty iteration, re-arming it at
  // every wait would cost more: it is only replaced by an earlier one.
  #armTimer(timeoutMs: number): void {
    const at = timeoutMs === Infinity ? Infinity : this.clock.monotonicMs() + timeoutMs;
    if (at === Infinity) this.#disarmTimer();
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.wake();
    }, Math.min(Math.ceil(timeoutMs), MAX_TIMER_MS));
  }

  #disarmTimer(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
  }
}
