import { BaseStream, type BaseStreamOptions } from "../base_stream.ts";
import type { StreamError } from "../stream.ts";
import { streamFailure } from "../stream_failure.ts";
import type { Descriptor } from "./descriptor.ts";
import { Interest } from "./epoll_set.ts";
import { Errno, errnoName } from "./errno.ts";
import type { EpollPoller, EpollSource } from "./poller.ts";
import { Registration } from "./registration.ts";

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
export class EpollStream extends BaseStream implements EpollSource {
  readonly eager = false;
  readonly #poller: EpollPoller;
  readonly #descriptor: Descriptor;
  readonly #registration: Registration;
  readonly #errno: number;
  #marked = false;
  #readWanted = false;
  #blocked = false;
  #released = false;

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

  respond(): void {
    this.#marked = false;
    if (!this.#released && !this.#blocked) this.push();
  }

  onReady(events: number): void {
    if ((events & Interest.OUT) !== 0) this.push();
    if (this.#released) return;
    if (this.#readWanted) {
      if ((events & ~Interest.OUT) !== 0) this.#read();
    } else this.#watch();
  }

  push(): void {
    this.#blocked = false;
    while (!this.#released && this.queue.length > 0) {
      const sent = this.#poller.gather.send(this.#descriptor.number, this.queue);
      if (sent >= 0) this.sent(sent);
      else if (sent === -Errno.EAGAIN) {
        this.#blocked = true;
        break;
      } else if (sent !== -Errno.EINTR) {
        return this.broken(failure("write to stream", -sent), "write");
      }
    }
    if (this.#released) return;
    this.#watch();
    if (!this.#blocked && this.endRequested) this.#shutDown();
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

  #read(): void {
    const { arena } = this.#poller;
    if (arena.full) return;
    const count = arena.read(this.#descriptor.number);
    if (count > 0) {
      this.#readWanted = false;
      this.received(arena.take(count));
    } else if (count === 0 && this.#errno === 0) {
      this.#readWanted = false;
      this.#watch();
      this.peerEnded();
    } else if (count !== -Errno.EAGAIN && count !== -Errno.EINTR) {
      this.broken(failure("read from stream", -count || this.#errno), "read");
    }
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
