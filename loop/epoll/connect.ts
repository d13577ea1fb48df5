import type { Handle } from "../handle.ts";
import { formatAddress } from "../format_address.ts";
import {
  type ConnectOptions,
  type StreamAddress,
  StreamError,
  type StreamSocket,
} from "../stream.ts";
import { streamFailure } from "../stream_failure.ts";
import { Descriptor, ipFamily, SocketOption, SocketType } from "./descriptor.ts";
import { Interest } from "./epoll_set.ts";
import { Errno, errnoName } from "./errno.ts";
import type { EpollPoller, EpollSource } from "./poller.ts";
import { Registration } from "./registration.ts";
import { decodeSockaddr, encodeIpAddress, encodePath, Family, type Sockaddr } from "./sockaddr.ts";
import { EpollStream } from "./stream.ts";

/** How long to wait for room in the backlog of a unix socket. */
const RETRY_MS = 10;

/** Opens a stream on a connection of the system. */
export async function connectEpollStream(
  poller: EpollPoller,
  options: ConnectOptions,
): Promise<StreamSocket> {
  options.signal?.throwIfAborted();
  const { descriptor, address, errno } = await new Attempt(poller, options).connect();
  if (poller.disposed) {
    descriptor[Symbol.dispose]();
    throw new StreamError("Cannot connect as the loop has ended", { code: "closed" });
  }
  const stream = new EpollStream(poller, {
    descriptor,
    errno,
    localAddress: descriptor.localAddress(),
    remoteAddress: decodeSockaddr(address.bytes, address.length),
    settings: options,
  });
  // Whoever waits for the stream gets it before it tells anything.
  poller.host.callSoon(() => stream.open(options.handlers));
  return stream;
}

interface Connected {
  descriptor: Descriptor;
  address: Sockaddr;
  /** Why the connection is gone again already, or 0. */
  errno: number;
}

/** A connection that is being opened; the loop waits for it as for a socket. */
class Attempt implements EpollSource {
  readonly pending = false;
  readonly lingerMs = 0;
  readonly eager = false;
  readonly #poller: EpollPoller;
  readonly #options: ConnectOptions;
  readonly #target: StreamAddress;
  readonly #timeoutMs: number;
  readonly #cancelled = Promise.withResolvers<never>();
  #settle: ((errno: number) => void) | null = null;
  #over = false;

  constructor(poller: EpollPoller, options: ConnectOptions) {
    const { hostname = "localhost", port = 0, path } = options;
    this.#poller = poller;
    this.#options = options;
    this.#target = path === undefined ? { hostname, port } : { path };
    this.#timeoutMs = options.connectTimeoutMs ?? 10_000;
  }

  async connect(): Promise<Connected> {
    const { signal } = this.#options;
    const giveUp = (): void => this.#cancelled.reject(signal!.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    const timer = this.#poller.host.callLater(this.#timeoutMs, () => this.#expire());
    this.#poller.add(this);
    try {
      return await Promise.race([this.#cancelled.promise, this.#tryAll()]);
    } finally {
      this.#over = true;
      this.#settle?.(Errno.ETIMEDOUT);
      timer?.cancel();
      signal?.removeEventListener("abort", giveUp);
      this.#poller.remove(this);
    }
  }

  respond(): void {}

  push(): void {}

  onReady(): void {
    this.#settle?.(0);
  }

  drop(): void {
    const message = `Cannot ${this.#what} as its loop ended`;
    this.#cancelled.reject(new StreamError(message, { code: "closed" }));
  }

  get #what(): string {
    return `connect to ${formatAddress(this.#target)}`;
  }

  #expire(): void {
    const message = `Cannot ${this.#what} as it took longer than ${this.#timeoutMs} ms`;
    this.#cancelled.reject(new StreamError(message, { code: "timeout" }));
  }

  async #tryAll(): Promise<Connected> {
    const family = "path" in this.#target ? Family.UNIX : ipFamily(this.#poller.libc);
    const addresses = await this.#addresses(family);
    let errno: number = Errno.EADDRNOTAVAIL;
    for (const [i, address] of addresses.entries()) {
      const descriptor = Descriptor.socket(this.#poller.libc, { family, type: SocketType.STREAM });
      if (typeof descriptor === "number") throw streamFailure(this.#what, errnoName(descriptor));
      // An address that doesn't answer leaves time for those after it.
      const shareMs = this.#timeoutMs / (addresses.length - i);
      errno = await this.#tryOne(descriptor, { address, shareMs });
      // A reset comes after the handshake: the stream tells of it.
      if ((errno === 0 || errno === Errno.ECONNRESET) && !this.#over) {
        return { descriptor: this.#tune(descriptor), address, errno };
      }
      descriptor[Symbol.dispose]();
      if (this.#over) break;
    }
    throw streamFailure(this.#what, errnoName(errno));
  }

  async #addresses(family: number): Promise<Sockaddr[]> {
    if ("path" in this.#target) return [encodePath(this.#target.path)];
    const { hostname, port } = this.#target;
    const ipv = family === Family.INET ? Family.INET : Family.INET6;
    const own = encodeIpAddress({ hostname, port }, ipv);
    if (own !== null) return [own];
    let found: string[];
    try {
      found = await this.#poller.resolve(hostname);
    } catch (cause) {
      throw streamFailure(this.#what, "ENOTFOUND", { cause });
    }
    const encoded = found.map((each) => encodeIpAddress({ hostname: each, port }, ipv));
    return encoded.filter((each) => each !== null);
  }

  /** Answers the error number, or 0. */
  async #tryOne(
    descriptor: Descriptor,
    options: { address: Sockaddr; shareMs: number },
  ): Promise<number> {
    let errno = descriptor.connect(options.address);
    // A unix socket whose backlog is full doesn't tell when it has room again.
    while (errno === Errno.EAGAIN && !this.#over) {
      await new Promise<void>((resolve) => {
        if (this.#poller.host.callLater(RETRY_MS, resolve) === null) resolve();
      });
      errno = descriptor.connect(options.address);
    }
    if (errno !== Errno.EINPROGRESS) return errno;
    using registration = new Registration({
      set: this.#poller.set,
      watcher: this,
      descriptor: descriptor.number,
    });
    registration.want(Interest.OUT);
    let timer: Handle | null = null;
    const result = await new Promise<number>((resolve) => {
      this.#settle = resolve;
      timer = this.#poller.host.callLater(options.shareMs, () => resolve(Errno.ETIMEDOUT));
    });
    (timer as Handle | null)?.cancel();
    this.#settle = null;
    return result === 0 ? descriptor.get(SocketOption.ERROR) : result;
  }

  #tune(descriptor: Descriptor): Descriptor {
    if ("path" in this.#target) return descriptor;
    const { noDelay = true, keepAlive = false } = this.#options;
    if (noDelay) descriptor.set(SocketOption.TCP_NODELAY, 1);
    if (keepAlive) descriptor.set(SocketOption.KEEPALIVE, 1);
    return descriptor;
  }
}
