import type { BlockPool } from "./block_pool.ts";
import { DrainWaiters } from "./drain_waiters.ts";
import type { Handle } from "./handle.ts";
import { IdleTimer } from "./idle_timer.ts";
import type { PollerHost } from "./poller.ts";
import {
  type StreamAddress,
  StreamError,
  type StreamHandlers,
  type StreamOptions,
  type StreamSocket,
  type WriteOptions,
} from "./stream.ts";
import { WriteQueue } from "./write_queue.ts";

/** Options of {@linkcode BaseStream}. */
export interface BaseStreamOptions {
  /** The loop. */
  host: PollerHost;
  /** Where memory of the write queue comes from. */
  pool: BlockPool;
  /** This end. */
  localAddress: StreamAddress;
  /** The other end. */
  remoteAddress: StreamAddress;
  /** The application protocol that TLS agreed on. */
  alpnProtocol?: string | null;
  /** What the stream's owner wants. */
  settings: StreamOptions;
  /** Called once when the stream is gone, before its owner is told. */
  onGone?: () => void;
}

/**
 * What the streams of all pollers have in common: the order of their life, the
 * write queue, and what the owner is told and when. A poller's stream extends
 * it with four ways to ask for I/O ({@linkcode wantRead}, {@linkcode wantWrite},
 * {@linkcode release}, {@linkcode open} to begin), and tells it from the I/O
 * phase what came of it ({@linkcode received}, {@linkcode peerEnded},
 * {@linkcode sent}, {@linkcode ownEnded}, {@linkcode broken}).
 *
 * A chunk stays with the poller from `received` until `wantRead`: in that time
 * the poller doesn't read, and leaves the chunk's memory alone until the
 * callback phase of the next iteration is over.
 */
export abstract class BaseStream implements StreamSocket {
  readonly localAddress: StreamAddress;
  readonly remoteAddress: StreamAddress;
  readonly alpnProtocol: string | null;
  /** How long disposing waits in vain, in milliseconds. */
  readonly lingerMs: number;
  /** What is to be sent; the poller peeks and, by {@linkcode sent}, shifts. */
  protected readonly queue: WriteQueue;
  readonly #host: PollerHost;
  readonly #maxQueuedBytes: number;
  readonly #idleTimeoutMs: number;
  readonly #onGone: (() => void) | undefined;
  #waiters: DrainWaiters | null = null;
  #handlers: StreamHandlers | null = null;
  #idle: IdleTimer | null = null;
  #linger: Handle | null = null;
  #chunk: Uint8Array<ArrayBuffer> | null = null;
  #held = false;
  #paused = false;
  #scheduled = false;
  #drainDue = false;
  #endDue = false;
  #closeDue = false;
  #peerEnded = false;
  #ending = false;
  #ownEnded = false;
  #discarding = false;
  #closed = false;
  #error: StreamError | null = null;
  #writeError: StreamError | null = null;
  #settled: (() => void)[] | null = null;

  constructor(options: BaseStreamOptions) {
    const { settings } = options;
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
    this.alpnProtocol = options.alpnProtocol ?? null;
    this.lingerMs = settings.lingerMs ?? 1000;
    this.queue = new WriteQueue({
      pool: options.pool,
      highWatermark: settings.highWatermark,
      lowWatermark: settings.lowWatermark,
    });
    this.#host = options.host;
    this.#maxQueuedBytes = settings.maxQueuedBytes ?? 67_108_864;
    this.#idleTimeoutMs = settings.idleTimeoutMs ?? 0;
    this.#onGone = options.onGone;
  }

  get queuedBytes(): number {
    return this.queue.length;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get writable(): boolean {
    return !this.#ending && !this.#closed && this.#writeError === null;
  }

  write(bytes: Uint8Array, options?: WriteOptions): boolean {
    if (!this.writable) return false;
    if (this.queue.length + bytes.length > this.#maxQueuedBytes) {
      const message = `Cannot queue ${bytes.length} bytes as the write queue of ` +
        `${this.#maxQueuedBytes} bytes is full`;
      this.#close(new StreamError(message, { code: "overflow" }));
      return false;
    }
    const goOn = this.queue.push(bytes, options);
    this.wantWrite();
    return goOn;
  }

  drained(options: { signal?: AbortSignal } = {}): Promise<void> {
    const error = this.#error ?? this.#writeError;
    if (error !== null || this.#closed) return Promise.reject(error ?? closedError());
    if (this.queue.drained) return Promise.resolve();
    return (this.#waiters ??= new DrainWaiters()).wait(options.signal);
  }

  end(): void {
    if (this.#ending || this.#closed) return;
    this.#ending = true;
    this.wantWrite();
  }

  pause(): void {
    this.#paused = true;
    // Nobody reads any more who would find out that the peer is gone.
    if (this.#writeError !== null) this.#close(this.#writeError);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#closed) return;
    if (this.#chunk !== null || this.#endDue) this.#schedule();
    else if (!this.#peerEnded) this.wantRead();
  }

  terminate(): void {
    this.#close(null, { reset: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closeDue && this.#closed) return;
    const settled = new Promise<void>((resolve) => (this.#settled ??= []).push(resolve));
    if (!this.#closed) this.#depart();
    await settled;
  }

  /** Closes without telling the owner, as the loop calls nothing any more. */
  drop(): void {
    if (this.#closed) return;
    this.#close(null);
    this.#settle();
  }

  /** Begins to read and to tell `handlers`. */
  open(handlers: StreamHandlers): void {
    this.#handlers = handlers;
    if (this.#closed) return this.#schedule();
    if (this.#idleTimeoutMs > 0) {
      this.#idle = new IdleTimer({
        host: this.#host,
        timeoutMs: this.#idleTimeoutMs,
        onIdle: () => this.#goIdle(),
      });
    }
    if (this.#drainDue) this.#schedule();
    if (!this.#paused) this.wantRead();
  }

  /** Asks the poller to read once more. */
  protected abstract wantRead(): void;
  /** Asks the poller to send what is queued, and then the end if {@linkcode endRequested}. */
  protected abstract wantWrite(): void;
  /** Gives the descriptor back, by a reset if `reset` and the platform can. */
  protected abstract release(options: { reset: boolean }): void;

  /** Whether the poller is to end this side once nothing is queued. */
  protected get endRequested(): boolean {
    return this.#ending && !this.#ownEnded;
  }

  /** The poller has read `chunk`, and reads no more until {@linkcode wantRead}. */
  protected received(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#closed) return;
    this.#idle?.touch();
    if (this.#discarding) return this.wantRead();
    this.#chunk = chunk;
    this.#schedule();
  }

  /** The poller has read the peer's end. */
  protected peerEnded(): void {
    if (this.#closed || this.#peerEnded) return;
    this.#peerEnded = true;
    if (this.#writeError !== null) return this.#close(this.#writeError);
    this.#endDue = true;
    this.#schedule();
  }

  /** The poller has sent the first `count` bytes of the queue. */
  protected sent(count: number): void {
    if (this.#closed || count === 0) return;
    this.#idle?.touch();
    if (this.#linger !== null) this.#armLinger();
    const wasFull = this.queue.full;
    this.queue.shift(count);
    const drained = wasFull ? !this.queue.full : this.queue.drained && this.#waiters !== null;
    if (!drained) return;
    this.#drainDue = true;
    this.#schedule();
  }

  /** The poller has ended this side. */
  protected ownEnded(): void {
    if (this.#closed) return;
    this.#ownEnded = true;
    if (this.#linger !== null) this.#armLinger();
    if (this.#peerEnded && !this.#endDue) this.#close(null);
  }

  /**
   * The poller found the connection broken. When only sending failed, what the
   * peer had sent before is still read and handed over.
   */
  protected broken(error: StreamError, during: "read" | "write"): void {
    if (this.#closed) return;
    if (during === "read" || this.#paused || this.#peerEnded || this.#discarding) {
      return this.#close(error);
    }
    this.#writeError = error;
    this.queue.clear();
    this.#waiters?.reject(error);
  }

  #close(error: StreamError | null, options: { reset: boolean } = { reset: error !== null }): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    this.#idle?.cancel();
    this.#linger?.cancel();
    this.queue.clear();
    this.#chunk = null;
    this.release(options);
    this.#onGone?.();
    this.#waiters?.reject(error ?? closedError());
    this.#closeDue = true;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#handlers === null) return;
    this.#scheduled = this.#host.callSoon(this.#dispatch);
    if (!this.#scheduled && this.#closed) this.#settle();
  }

  // What a handler throws must not keep the rest from being told.
  #dispatch = (): void => {
    this.#scheduled = false;
    try {
      if (this.#chunk !== null) this.#tellData(this.#chunk);
      if (this.#drainDue && !this.#closed) this.#tellDrain();
      if (this.#endDue && !this.#paused && !this.#closed) this.#tellEnd();
      if (this.#closeDue) this.#tellClose();
    } finally {
      const endDue = this.#endDue && !this.#paused;
      if (this.#closeDue || (!this.#closed && (this.#drainDue || endDue))) this.#schedule();
    }
  };

  #tellData(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#paused) {
      if (!this.#held) this.#chunk = chunk.slice();
      this.#held = true;
      return;
    }
    this.#chunk = null;
    this.#held = false;
    try {
      if (!this.#discarding) this.#watch(this.#handlers!.onData(chunk, this));
    } finally {
      if (!this.#paused && !this.#peerEnded && !this.#closed) this.wantRead();
    }
  }

  #tellDrain(): void {
    this.#drainDue = false;
    this.#waiters?.resolve();
    this.#watch(this.#handlers!.onDrain?.(this));
  }

  #tellEnd(): void {
    this.#endDue = false;
    try {
      if (this.#handlers!.onEnd && !this.#discarding) this.#watch(this.#handlers!.onEnd(this));
      else this.end();
    } finally {
      if (this.#ownEnded) this.#close(null);
    }
  }

  #tellClose(): void {
    this.#closeDue = false;
    try {
      this.#watch(this.#handlers!.onClose?.(this, this.#error));
    } finally {
      this.#settle();
    }
  }

  #watch(result: void | Promise<void>): void {
    if (result !== undefined) result.then(undefined, (error) => this.#host.report(error));
  }

  #settle(): void {
    this.#closeDue = false;
    for (const resolve of this.#settled?.splice(0) ?? []) resolve();
  }

  #goIdle(): void {
    const message = `Cannot keep stream open as it was idle for ${this.#idleTimeoutMs} ms`;
    this.#close(new StreamError(message, { code: "idle" }));
  }

  #depart(): void {
    this.#discarding = true;
    this.end();
    this.#armLinger();
    this.resume();
    if (this.#linger === null) this.drop();
  }

  #armLinger(): void {
    this.#linger?.cancel();
    this.#linger = this.#host.callLater(this.lingerMs, () => this.#close(null));
  }
}

function closedError(): StreamError {
  return new StreamError("Cannot wait for stream to drain as it was closed", { code: "closed" });
}
