import type { DatagramOptions, DatagramSocket, DatagramStats } from "../datagram.ts";
import type { Handle } from "../handle.ts";
import { Outbox } from "../outbox.ts";
import { listenFailure } from "../listen_error.ts";
import { PeerTable, type SocketAddress } from "../peer_table.ts";
import { Descriptor, ipFamily, SocketOption, SocketType } from "./descriptor.ts";
import { Interest } from "./epoll_set.ts";
import { Errno, errnoName, systemError } from "./errno.ts";
import { findLocalAddress } from "./local_address.ts";
import { addressOf } from "./native_memory.ts";
import type { EpollPoller, EpollSource } from "./poller.ts";
import { Registration } from "./registration.ts";
import { ReceiveBatch } from "./receive_batch.ts";
import { SendWindow } from "./send_window.ts";
import { Family, type IpFamily, isIpv4 } from "./sockaddr.ts";

/** Datagrams sent in one I/O phase; more go out in the next, so that receiving keeps up. */
const MAX_SENT_A_TURN = 1024;
/** Failures in a row, without a datagram between them, after which receiving pauses. */
const MAX_RECEIVE_ERRORS = 16;
const RECEIVE_PAUSE_MS = 100;
/** How long disposing waits for a system that takes nothing. */
const LINGER_MS = 1000;

/** Opens a datagram socket on the system's own. */
export async function bindEpollDatagram(
  poller: EpollPoller,
  options: DatagramOptions,
): Promise<DatagramSocket> {
  const { hostname = "::", port = 0 } = options;
  // IPv4 costs the system less than IPv4 mapped into IPv6, and nothing else can reach such a socket.
  const family = isIpv4(hostname) ? Family.INET : ipFamily(poller.libc);
  const told = { hostname, port };
  const address = await findLocalAddress(poller, told, { family, attempt: "bind" });
  const descriptor = Descriptor.socket(poller.libc, { family, type: SocketType.DATAGRAM });
  if (typeof descriptor === "number") {
    throw listenFailure("bind", told, { errno: errnoName(descriptor) });
  }
  try {
    if (family === Family.INET6) descriptor.set(SocketOption.IPV6_V6ONLY, 0);
    if (options.reusePort) descriptor.set(SocketOption.REUSEPORT, 1);
    descriptor.setBuffers(options.kernelBufferBytes ?? 8_388_608);
    const errno = descriptor.bind(address);
    if (errno !== 0) {
      throw listenFailure("bind", told, { errno: errnoName(errno) });
    }
    return new EpollDatagram(poller, { ...options, descriptor, family });
  } catch (error) {
    descriptor[Symbol.dispose]();
    throw error;
  }
}

/** An outbox, and where its memory lies. */
interface NativeOutbox {
  readonly outbox: Outbox;
  readonly base: number;
  /** The first datagram that was not sent yet. */
  from: number;
}

class EpollDatagram implements DatagramSocket, EpollSource {
  readonly localAddress: SocketAddress;
  readonly peers: PeerTable;
  readonly lingerMs = LINGER_MS;
  readonly eager = true;
  readonly #poller: EpollPoller;
  readonly #options: DatagramOptions;
  readonly #descriptor: Descriptor;
  readonly #registration: Registration;
  readonly #batch: ReceiveBatch;
  readonly #window: SendWindow;
  readonly #stats: DatagramStats = {
    received: 0,
    sent: 0,
    oversized: 0,
    sendErrors: 0,
    receiveErrors: 0,
  };
  #filling: NativeOutbox;
  #sending: NativeOutbox | null = null;
  #spare: NativeOutbox | null = null;
  #blocked = false;
  #handing = false;
  #failures = 0;
  #pause: Handle | null = null;
  #marked = false;
  #closed = false;
  #flushed: (() => void)[] = [];

  constructor(
    poller: EpollPoller,
    options: DatagramOptions & { descriptor: Descriptor; family: IpFamily },
  ) {
    const { descriptor, family } = options;
    const { libc } = poller;
    this.#poller = poller;
    this.#options = options;
    this.#descriptor = descriptor;
    this.localAddress = descriptor.localAddress() as SocketAddress;
    const seed = poller.random.next() * 2 ** 32;
    const peers = new PeerTable({ maxPeers: options.maxPeers, seed });
    this.peers = peers;
    this.#batch = new ReceiveBatch({
      libc,
      family,
      peers,
      maxBatch: options.maxBatch ?? 64,
      maxBytes: options.maxDatagramBytes ?? 2048,
    });
    this.#window = new SendWindow({ libc, family, peers });
    this.#filling = this.#makeOutbox();
    this.#registration = new Registration({
      set: poller.set,
      watcher: this,
      descriptor: descriptor.number,
    });
    const errno = this.#registration.want(Interest.IN);
    if (errno !== 0) throw systemError(errno, "wait for datagrams");
    poller.add(this);
  }

  get outbox(): Outbox {
    return this.#filling.outbox;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get pending(): boolean {
    return this.#sending !== null || this.#filling.outbox.count > 0;
  }

  stats(): DatagramStats {
    return { ...this.#stats, oversized: this.#batch.oversized };
  }

  send(peer: number, bytes: Uint8Array): boolean {
    return !this.#closed && this.#filling.outbox.send(peer, bytes);
  }

  respond(): void {
    this.#marked = false;
    if (this.#closed) return;
    if (!this.#blocked) this.push();
    this.#receive();
  }

  onReady(events: number): void {
    if (this.#closed) return;
    if ((events & Interest.OUT) !== 0) this.push();
    if ((events & ~Interest.OUT) !== 0) this.#receive();
  }

  push(): void {
    for (let left = MAX_SENT_A_TURN; left > 0 && this.pending && !this.#closed;) {
      const run = this.#sending ?? this.#filling;
      const sent = this.#window.send(this.#descriptor.number, run);
      if (sent > 0) {
        this.#stats.sent += sent;
        run.from += sent;
        left -= sent;
      } else if (sent === -Errno.EAGAIN) {
        this.#setAside();
        return this.#block(true);
      } else if (sent !== -Errno.EINTR) {
        this.#stats.sendErrors++;
        run.from++;
        left--;
      }
      if (run.from === run.outbox.count) this.#retire(run);
    }
    this.#block(false);
    if (!this.pending) return this.#settleFlushes();
    this.#setAside();
    this.#mark();
  }

  async flush(): Promise<void> {
    while (!this.#closed && this.pending) {
      await new Promise<void>((resolve) => this.#flushed.push(resolve));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pause?.cancel();
    this.#registration[Symbol.dispose]();
    this.#descriptor[Symbol.dispose]();
    this.#settleFlushes();
    this.#poller.remove(this);
  }

  drop(): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush();
    this.close();
  }

  #makeOutbox(): NativeOutbox {
    const outbox = new Outbox({
      peers: this.peers,
      maxQueued: this.#options.maxQueued,
      onFirst: () => this.#mark(),
    });
    return { outbox, base: addressOf(outbox.bytes), from: 0 };
  }

  // What is partly sent must not grow: whoever writes meanwhile gets the other outbox.
  #setAside(): void {
    if (this.#sending !== null) return;
    this.#sending = this.#filling;
    this.#filling = this.#spare ?? this.#makeOutbox();
    this.#spare = null;
  }

  #retire(run: NativeOutbox): void {
    run.outbox.clear();
    run.from = 0;
    if (run !== this.#sending) return;
    this.#spare = run;
    this.#sending = null;
  }

  #mark(): void {
    if (this.#marked || this.#closed) return;
    this.#marked = true;
    this.#poller.markReady(this);
  }

  #receive(): void {
    if (this.#handing || this.#pause !== null) return;
    const errno = this.#batch.receive(this.#descriptor.number);
    if (errno !== 0) return this.#onReceiveError(errno);
    this.#failures = 0;
    if (this.#batch.count === 0) return;
    this.#handing = true;
    this.#stats.received += this.#batch.count;
    this.#poller.host.callSoon(this.#deliver);
  }

  #deliver = (): void => {
    this.#handing = false;
    if (this.#closed) return;
    this.#options.onBatch(this.#batch, this);
  };

  #onReceiveError(errno: number): void {
    if (errno === Errno.EAGAIN || errno === Errno.EINTR) return;
    this.#stats.receiveErrors++;
    if (errno === Errno.EBADF || errno === Errno.ENOTSOCK) this.#lose(errno);
    else if (++this.#failures >= MAX_RECEIVE_ERRORS) this.#pauseReceiving();
  }

  // What fails again and again must not keep the loop busy.
  #pauseReceiving(): void {
    this.#failures = 0;
    this.#pause = this.#poller.host.callLater(RECEIVE_PAUSE_MS, () => {
      this.#pause = null;
      this.#watch();
    });
    this.#watch();
  }

  #lose(errno: number): void {
    const error = systemError(errno, `receive on port ${this.localAddress.port}`);
    this.close();
    if (this.#options.onError) this.#options.onError(error);
    else this.#poller.host.report(error);
  }

  #block(blocked: boolean): void {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#watch();
  }

  #watch(): void {
    const events = (this.#pause === null ? Interest.IN : 0) | (this.#blocked ? Interest.OUT : 0);
    this.#registration.want(events);
  }

  #settleFlushes(): void {
    for (const resolve of this.#flushed.splice(0)) resolve();
  }
}
