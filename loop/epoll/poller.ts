import type { DatagramOptions, DatagramSocket } from "../datagram.ts";
import { macrotask } from "../macrotask.ts";
import type { Poller, PollerHost } from "../poller.ts";
import { type RandomSource, SystemRandom } from "../random.ts";
import type { ConnectOptions, ListenOptions, StreamListener, StreamSocket } from "../stream.ts";
import { resolveHostname } from "../resolve_hostname.ts";
import { BlockPool } from "../block_pool.ts";
import { PortablePoller } from "../portable/poller.ts";
import { NativeClock } from "./clock.ts";
import { bindEpollDatagram } from "./datagram.ts";
import { EpollSet, type Watcher } from "./epoll_set.ts";
import { connectEpollStream } from "./connect.ts";
import { Gather } from "./gather.ts";
import { listenEpollStream } from "./listener.ts";
import { ReadArena } from "./read_arena.ts";
import { type Libc, loadLibc } from "./libc.ts";
import { SpinWindow } from "./spin_window.ts";
import { StreamBatch } from "./stream_batch.ts";
import { ThreadWait } from "./thread_wait.ts";

/** Milliseconds without waiting after which everything else in the process gets a turn. */
const MAX_BUSY_MS = 0.5;
/** Looks in a row, some fifteen microseconds in all. */
const SPINS = 100;
/** Longest wait for I/O, in milliseconds, that keeps everything else in the process waiting. */
const MAX_LINGER_MS = 0.05;
/** Milliseconds between tries to send what is left when the loop has stopped. */
const FLUSH_EVERY_MS = 1;

/** Options of {@linkcode EpollPoller}. */
export interface EpollPollerOptions {
  /**
   * The calls to make.
   *
   * @default {those of the system's C library}
   */
  libc?: Libc;
  /**
   * From how many streams on one call sends or reads for all of them.
   *
   * @default {3}
   */
  batchFrom?: number;
}

/** A socket of this poller, as the poller sees it. */
export interface EpollSource extends Watcher {
  /** Whether it has something queued that the system hasn't taken. */
  readonly pending: boolean;
  /** How long a stopped loop waits for the system to take it, in milliseconds. */
  readonly lingerMs: number;
  /** Whether it tries to receive whenever it responds. */
  readonly eager: boolean;
  /** Moves what is ready; called in the I/O phase after {@linkcode EpollPoller.markReady}. */
  respond(): void;
  /** Hands what is queued to the system, as far as it takes it. */
  push(): void;
  /** Closes it at once and without a word, as the loop is being disposed. */
  drop(): void;
}

/** A poller on Linux's own calls: fast, and without an allocation for each packet. */
export class EpollPoller implements Poller {
  /** This is the poller on epoll. */
  readonly name = "epoll";
  /** The C library. */
  readonly libc: Libc;
  /** The machine's clock. */
  readonly clock: NativeClock;
  /** The platform's random source. */
  readonly random: RandomSource = new SystemRandom();
  /** What is waited for. */
  readonly set: EpollSet;
  /** What its streams read into. */
  readonly arena: ReadArena;
  /** Sends what a stream has queued. */
  readonly gather: Gather;
  /** Sends and reads for many streams. */
  readonly batch: StreamBatch;
  /** Memory for the write queues of its streams. */
  readonly pool: BlockPool = new BlockPool();
  readonly #thread: ThreadWait;
  readonly #sources = new Set<EpollSource>();
  readonly #spin = new SpinWindow();
  #host!: PollerHost;
  #marked: EpollSource[] = [];
  #responding: EpollSource[] = [];
  #loneEager = false;
  #busySinceMs = 0;
  #woken = false;
  #unpark: (() => void) | null = null;
  #portable: PortablePoller | null = null;

  /**
   * @param options See {@linkcode EpollPollerOptions}.
   * @throws {TypeError} When there is no epoll here; the message says why.
   */
  constructor(options: EpollPollerOptions = {}) {
    const libc = options.libc ?? loadLibc();
    this.libc = libc;
    this.clock = new NativeClock(libc);
    this.set = new EpollSet(libc);
    this.arena = new ReadArena(libc);
    this.gather = new Gather(libc);
    this.batch = new StreamBatch({ libc, arena: this.arena, batchFrom: options.batchFrom });
    this.#thread = new ThreadWait({
      libc,
      descriptor: this.set.number,
      onEnd: () => this.#unpark?.(),
    });
  }

  /** How many sockets are open. */
  get active(): number {
    return this.#sources.size + (this.#portable?.active ?? 0);
  }

  /** Whether the poller was disposed of. */
  get disposed(): boolean {
    return this.set.number < 0;
  }

  /** The loop that this poller serves. */
  get host(): PollerHost {
    return this.#host;
  }

  /** Connects the poller with its loop. */
  attach(host: PollerHost): void {
    this.#host = host;
  }

  /** Begins to serve `source`; starts the loop. */
  add(source: EpollSource): void {
    this.#sources.add(source);
    this.#loneEager = this.#sources.size === 1 && source.eager;
    this.#host.start();
  }

  /** Serves `source` no longer. */
  remove(source: EpollSource): void {
    this.#sources.delete(source);
    this.#loneEager = false;
    this.wake();
  }

  /** Has `source` respond in the next I/O phase. */
  markReady(source: EpollSource): void {
    this.#marked.push(source);
    this.wake();
  }

  /** Waits until a source is ready, `timeoutMs` has passed, or {@linkcode wake}. */
  poll(timeoutMs: number): void | Promise<void> {
    const marked = this.#marked.length > 0;
    if (marked || timeoutMs <= 0 || this.#portable?.ready) {
      // A source that is about to find out by itself needs no look.
      if (!marked || !this.#loneEager) this.set.look();
    } else if (this.#look(timeoutMs) === 0) {
      return this.#wait(timeoutMs);
    }
    // The loop has just read the clock: reading it again would cost more than it tells.
    if (this.clock.lastMs - this.#busySinceMs < MAX_BUSY_MS) return;
    this.#busySinceMs = this.clock.lastMs;
    return macrotask();
  }

  /** Lets each ready source move its bytes. */
  respond(): void {
    this.arena.reset();
    const due = this.#marked;
    this.#marked = this.#responding;
    this.#responding = due;
    for (let i = 0; i < due.length; i++) due[i].respond();
    due.length = 0;
    this.batch.flushPushes();
    this.set.dispatch();
    this.batch.flushPulls();
    this.#portable?.respond();
    if (this.active === 0) this.#thread.end();
  }

  /** Ends a wait that is under way. */
  wake(): void {
    this.#woken = true;
    this.#unpark?.();
  }

  /** Sends what the sockets have queued; the loop has stopped. */
  async flush(): Promise<void> {
    const portable = this.#portable?.flush();
    await this.#thread.settle();
    const start = this.clock.monotonicMs();
    for (;;) {
      const waitedMs = this.clock.monotonicMs() - start;
      const pending = Array.from(this.#sources).filter((source) => source.pending);
      for (const source of pending) {
        if (waitedMs < source.lingerMs) source.push();
        else source.drop();
      }
      if (!pending.some((source) => source.pending)) break;
      await new Promise((resolve) => setTimeout(resolve, FLUSH_EVERY_MS));
    }
    await portable;
  }

  /** Asks the system's resolver. */
  resolve(hostname: string): Promise<string[]> {
    return resolveHostname(hostname);
  }

  /** Opens a datagram socket. */
  bindDatagram(options: DatagramOptions): Promise<DatagramSocket> {
    return bindEpollDatagram(this, options);
  }

  /** Listens for stream connections; those that speak TLS are the platform's. */
  listenStream(options: ListenOptions): Promise<StreamListener> {
    return options.tls ? this.#delegate().listenStream(options) : listenEpollStream(this, options);
  }

  /** Opens a stream connection; one that speaks TLS is the platform's. */
  connectStream(options: ConnectOptions): Promise<StreamSocket> {
    return options.tls
      ? this.#delegate().connectStream(options)
      : connectEpollStream(this, options);
  }

  /** Closes all sockets. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.disposed) return;
    for (const source of this.#sources) source.drop();
    await this.#portable?.[Symbol.asyncDispose]();
    await this.#thread[Symbol.asyncDispose]();
    this.batch[Symbol.dispose]();
    this.set[Symbol.dispose]();
  }

  #delegate(): PortablePoller {
    if (this.#portable === null) {
      this.#portable = new PortablePoller();
      this.#portable.attach(this.#host);
    }
    return this.#portable;
  }

  async #wait(timeoutMs: number): Promise<void> {
    this.#woken = false;
    const start = this.clock.monotonicMs();
    const end = start + timeoutMs;
    // What is left of the window after the wait that came before.
    const leftMs = Math.min(this.#spin.windowMs - MAX_LINGER_MS, timeoutMs);
    const found = await this.#lookOn(leftMs);
    if (!found) {
      await this.#park(end);
      this.set.look();
    }
    this.#busySinceMs = this.clock.monotonicMs();
    if (found) return;
    if (this.#woken) this.#spin.shrink();
    else this.#spin.learn(this.#busySinceMs - start);
  }

  // One turn for everything else at least, as what a callback has set off often wakes the loop.
  async #lookOn(forMs: number): Promise<boolean> {
    await macrotask();
    if (this.#woken || this.#portable?.ready) return true;
    return this.set.look() > 0 || (forMs > 0 && this.set.linger(forMs) > 0);
  }

  #look(timeoutMs: number): number {
    const ready = this.set.look();
    const { windowMs } = this.#spin;
    if (ready > 0 || windowMs === 0) return ready;
    if (this.#spin.worthSpinning()) {
      const found = this.set.lookOften(SPINS);
      this.#spin.spun(found > 0);
      if (found > 0) return found;
    }
    return this.set.linger(Math.min(windowMs, MAX_LINGER_MS, timeoutMs));
  }

  async #park(until: number): Promise<void> {
    if (this.#woken) return;
    const now = this.clock.monotonicMs();
    const others = this.#portable?.active ? this.#portable.poll(until - now) : null;
    if (others === undefined) return;
    others?.then(() => this.wake());
    this.#thread.start(now, until);
    await new Promise<void>((resolve) => this.#unpark = resolve);
    this.#unpark = null;
    this.#portable?.wake();
  }
}
