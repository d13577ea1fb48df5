import { BaseStream, type BaseStreamOptions } from "../base_stream.ts";
import type { StreamError } from "../stream.ts";
import { streamFailure } from "../stream_failure.ts";
import type { WriteQueue } from "../write_queue.ts";
import type { Descriptor } from "./descriptor.ts";
import { Interest } from "./epoll_set.ts";
import { Errno, errnoName } from "./errno.ts";
import type { EpollPoller, EpollSource } from "./poller.ts";
import { Registration } from "./registration.ts";
import { type BatchedStream, StreamBatch } from "./stream_batch.ts";

/** Options of {@linkcode EpollStream}. */
export interface EpollStreamOptions
  extends Pick<BaseStreamOptions, "settings" | "localAddress" | "remoteAddress" | "onGone"> {
  /** The connection, which the stream owns from here on. */
  descriptor: Descriptor;
  /**
   * The error number that ends the stream once all was read, as asking for it
   * has made the system forget it.
   *
   * @default {0, for none}
   */
  errno?: number;
}

/** A stream on a connection of the system. */
export class EpollStream extends BaseStream implements EpollSource, BatchedStream {
  readonly eager = false;
  readonly #poller: EpollPoller;
  readonly #descriptor: Descriptor;
  readonly #registration: Registration;
  readonly #errno: number;
  #marked = false;
  #readWanted = false;
  #blocked = false;
  #released = false;
  #readsMuch = false;

  constructor(poller: EpollPoller, options: EpollStreamOptions) {
    super({ ...options, host: poller.host, pool: poller.pool });
    this.#poller = poller;
    this.#descriptor = options.descriptor;
    this.#errno = options.errno ?? 0;
    this.#registration = new Registration({
      set: poller.set,
      watcher: this,
      descriptor: options.descriptor.number,
    });
    poller.add(this);
  }

  get pending(): boolean {
    return !this.#released && this.queue.length > 0;
  }

  get descriptorNumber(): number {
    return this.#descriptor.number;
  }

  get outgoing(): WriteQueue {
    return this.queue;
  }

  respond(): void {
    this.#marked = false;
    if (this.#released || this.#blocked) return;
    if (this.queue.length > 0) this.#poller.batch.push(this);
    else this.push();
  }

  onReady(events: number): void {
    if ((events & Interest.OUT) !== 0) this.push();
    if (this.#released) return;
    if (this.#readWanted) {
      if ((events & ~Interest.OUT) === 0) return;
      if (this.#readsMuch) this.pull();
      else this.#poller.batch.pull(this);
    } else this.#watch();
  }

  push(): void {
    this.#blocked = false;
    while (!this.#released && !this.#blocked && this.queue.length > 0) {
      if (!this.#sent(this.#poller.gather.send(this.#descriptor.number, this.queue))) return;
    }
    if (this.#released) return;
    this.#watch();
    if (!this.#blocked && this.endRequested) this.#shutDown();
  }

  onPushed(result: number): void {
    if (this.#released || !this.#sent(result)) return;
    if (this.#blocked) this.#watch();
    else if (this.queue.length > 0 || this.endRequested) this.push();
  }

  pull(): void {
    const { arena } = this.#poller;
    if (this.#released || arena.full) return;
    const count = arena.read(this.#descriptor.number);
    if (count > 0) this.#readsMuch = count > StreamBatch.roomBytes;
    this.onPulled(count, count > 0 ? arena.reserve(count) : 0);
  }

  onPulled(result: number, start: number): void {
    if (this.#released) return;
    if (result > 0) {
      this.#readWanted = false;
      if (result === StreamBatch.roomBytes) this.#readsMuch = true;
      this.received(this.#poller.arena.slice(start, result));
    } else if (result === 0 && this.#errno === 0) {
      this.#readWanted = false;
      this.#watch();
      this.peerEnded();
    } else if (result !== -Errno.EAGAIN && result !== -Errno.EINTR) {
      this.broken(failure("read from stream", -result || this.#errno), "read");
    }
  }

  protected wantRead(): void {
    this.#readWanted = true;
    this.#watch();
  }

  protected wantWrite(): void {
    if (this.#marked || this.#blocked || this.#released) return;
    this.#marked = true;
    this.#poller.markReady(this);
  }

  protected release(options: { reset: boolean }): void {
    this.#released = true;
    this.#registration[Symbol.dispose]();
    if (options.reset) this.#descriptor.lingerNot();
    this.#descriptor[Symbol.dispose]();
    this.#poller.remove(this);
  }

  /** Takes what came of sending; answers whether the stream is still whole. */
  #sent(result: number): boolean {
    if (result >= 0) this.sent(result);
    else if (result === -Errno.EAGAIN) this.#blocked = true;
    else if (result !== -Errno.EINTR) {
      this.broken(failure("write to stream", -result), "write");
      return false;
    }
    return true;
  }

  #shutDown(): void {
    const errno = this.#descriptor.shutDown();
    if (errno === 0 || errno === Errno.ENOTCONN) this.ownEnded();
    else this.broken(failure("end stream", errno), "write");
  }

  #watch(): void {
    const events = (this.#readWanted ? Interest.IN : 0) | (this.#blocked ? Interest.OUT : 0);
    const errno = this.#registration.want(events);
    if (errno !== 0) this.broken(failure("wait for stream", errno), "read");
  }
}

function failure(attempt: string, errno: number): StreamError {
  return streamFailure(attempt, errnoName(errno));
}
