import { AcceptPause } from "../accept_pause.ts";
import { AcceptedStreams } from "../accepted_streams.ts";
import type { ListenerStats, ListenOptions, StreamAddress, StreamListener } from "../stream.ts";
import type { Descriptor } from "./descriptor.ts";
import { Interest } from "./epoll_set.ts";
import { Errno, systemError } from "./errno.ts";
import { type Listening, openListener } from "./open_listener.ts";
import type { EpollPoller, EpollSource } from "./poller.ts";
import { Registration } from "./registration.ts";
import { SockaddrBuffer } from "./sockaddr.ts";
import { EpollStream } from "./stream.ts";

/** What the system says when it is short of descriptors or memory. */
const SHORTAGES: readonly number[] = [Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM];
/** What it says when there is no listening socket any more. */
const LOSSES: readonly number[] = [Errno.EBADF, Errno.EINVAL, Errno.ENOTSOCK, Errno.EOPNOTSUPP];
/** Connections accepted in one I/O phase. */
const MAX_ACCEPTED_A_TURN = 128;

/** Listens on the system's own sockets. */
export async function listenEpollStream(
  poller: EpollPoller,
  options: ListenOptions,
): Promise<StreamListener> {
  return new EpollListener(poller, { ...options, listening: await openListener(poller, options) });
}

interface EpollListenerOptions extends ListenOptions {
  listening: Listening;
}

class EpollListener implements StreamListener, EpollSource {
  readonly localAddress: StreamAddress;
  readonly pending = false;
  readonly lingerMs = 0;
  readonly eager = false;
  readonly #poller: EpollPoller;
  readonly #options: EpollListenerOptions;
  readonly #descriptor: Descriptor;
  readonly #registration: Registration;
  readonly #maxConnections: number;
  readonly #streams: AcceptedStreams;
  readonly #pause: AcceptPause;
  readonly #from = new SockaddrBuffer();
  #acceptErrors = 0;
  #closed = false;

  constructor(poller: EpollPoller, options: EpollListenerOptions) {
    this.#poller = poller;
    this.#options = options;
    this.#maxConnections = options.maxConnections ?? 65_536;
    const { host } = poller;
    this.#streams = new AcceptedStreams(host, { listen: options, onGone: () => this.#watch() });
    this.#pause = new AcceptPause(host);
    this.#descriptor = options.listening.descriptor;
    this.localAddress = this.#descriptor.localAddress();
    this.#registration = new Registration({
      set: poller.set,
      watcher: this,
      descriptor: this.#descriptor.number,
    });
    const errno = this.#registration.want(Interest.IN);
    if (errno !== 0) {
      options.listening[Symbol.dispose]();
      throw systemError(errno, "wait for connections");
    }
    poller.add(this);
  }

  stats(): ListenerStats {
    return {
      accepted: this.#streams.accepted,
      connections: this.#streams.size,
      acceptPauses: this.#pause.count,
      acceptErrors: this.#acceptErrors,
    };
  }

  respond(): void {}

  push(): void {}

  onReady(): void {
    for (let i = 0; i < MAX_ACCEPTED_A_TURN && !this.#closed && !this.#crowded; i++) {
      const accepted = this.#descriptor.accept(this.#from);
      if (typeof accepted !== "number") this.#welcome(accepted);
      else if (accepted === Errno.EAGAIN) return;
      else if (!this.#excuse(accepted)) return;
    }
    this.#watch();
  }

  drop(): void {
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pause.cancel();
    this.#registration[Symbol.dispose]();
    this.#options.listening[Symbol.dispose]();
    this.#poller.remove(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#streams[Symbol.asyncDispose]();
  }

  get #crowded(): boolean {
    return this.#streams.size >= this.#maxConnections;
  }

  #watch(): void {
    if (this.#closed) return;
    this.#registration.want(this.#crowded || this.#pause.active ? 0 : Interest.IN);
  }

  #welcome(descriptor: Descriptor): void {
    this.#pause.relax();
    this.#streams.add((onGone) =>
      new EpollStream(this.#poller, {
        descriptor,
        localAddress: this.#options.listening.anywhere
          ? descriptor.localAddress()
          : this.localAddress,
        remoteAddress: this.#from.decode(),
        settings: this.#options,
        onGone,
      })
    );
  }

  /** Answers whether accepting may go on after an error. */
  #excuse(errno: number): boolean {
    if (errno === Errno.EINTR) return true;
    if (SHORTAGES.includes(errno)) this.#pauseAccepting();
    else if (LOSSES.includes(errno)) this.#fail(errno);
    else {
      this.#acceptErrors++;
      return true;
    }
    return false;
  }

  #pauseAccepting(): void {
    this.#pause.begin(() => this.#watch());
    this.#watch();
  }

  #fail(errno: number): void {
    const error = systemError(errno, "accept connections");
    this.close();
    if (this.#options.onError) this.#options.onError(error);
    else this.#poller.host.report(error);
  }
}
