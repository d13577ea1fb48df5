import type { DatagramOptions, DatagramSocket, DatagramStats } from "../datagram.ts";
import { Outbox } from "../outbox.ts";
import { PeerTable, type SocketAddress } from "../peer_table.ts";
import { macrotask } from "../macrotask.ts";
import { AddressBatch } from "../address_batch.ts";
import { lacksIpv6, listenFailure } from "../listen_error.ts";
import { errnoOf } from "./errno.ts";
import type { PortablePoller, PortableSource } from "./poller.ts";

/** Failures in a row, without a datagram between them, that lose the socket. */
const MAX_RECEIVE_ERRORS = 1000;

/** Opens a datagram socket on the platform's own. */
export async function bindPortableDatagram(
  poller: PortablePoller,
  options: DatagramOptions,
): Promise<DatagramSocket> {
  if (options.reusePort) {
    throw new TypeError("Cannot share a datagram port as the portable poller has no SO_REUSEPORT");
  }
  if (typeof Deno.listenDatagram !== "function") {
    throw new TypeError("Cannot bind a datagram socket as --unstable-net is missing");
  }
  const { hostname, port = 0 } = options;
  // Binding is synchronous here, but its errors belong into the promise.
  await Promise.resolve();
  const conn = bindFirst(port, hostname === undefined ? ["::", "0.0.0.0"] : [hostname]);
  return new PortableDatagram(poller, { ...options, conn });
}

/** Binds the first of the hosts, or the next one where the machine doesn't speak IPv6. */
function bindFirst(port: number, [hostname, ...others]: string[]): Deno.DatagramConn {
  try {
    return Deno.listenDatagram({ transport: "udp", hostname, port });
  } catch (cause) {
    const errno = errnoOf(cause);
    if (others.length > 0 && lacksIpv6(errno)) return bindFirst(port, others);
    throw listenFailure("bind", { hostname, port }, { errno, cause });
  }
}

class PortableDatagram implements DatagramSocket, PortableSource {
  readonly localAddress: SocketAddress;
  readonly peers: PeerTable;
  readonly #poller: PortablePoller;
  readonly #conn: Deno.DatagramConn;
  readonly #options: DatagramOptions;
  readonly #maxBytes: number;
  readonly #known: (Deno.NetAddr | undefined)[] = [];
  readonly #keys = new Map<string, number>();
  readonly #stats: DatagramStats = {
    received: 0,
    sent: 0,
    oversized: 0,
    sendErrors: 0,
    receiveErrors: 0,
  };
  readonly #mapsIpv4: boolean;
  // The platform gives the port back when receiving has ended.
  readonly #pumping: Promise<void>;
  #outbox: Outbox;
  #sending: Outbox;
  #inFlight = 0;
  #filling: AddressBatch<Deno.NetAddr>;
  #handed: AddressBatch<Deno.NetAddr>;
  #handing = false;
  #marked = false;
  #closed = false;
  #resumePump: (() => void) | null = null;
  #flushed: (() => void)[] = [];

  constructor(poller: PortablePoller, options: DatagramOptions & { conn: Deno.DatagramConn }) {
    this.#poller = poller;
    this.#options = options;
    this.#conn = options.conn;
    const { hostname, port } = options.conn.addr as Deno.NetAddr;
    this.localAddress = { hostname, port };
    this.#mapsIpv4 = hostname.includes(":");
    this.peers = new PeerTable({
      maxPeers: options.maxPeers,
      seed: poller.random.next() * 2 ** 32,
    });
    this.peers.onForget((peer) => this.#forget(peer));
    const makeOutbox = (): Outbox =>
      new Outbox({
        peers: this.peers,
        maxQueued: options.maxQueued,
        onFirst: () => this.#mark(),
      });
    this.#outbox = makeOutbox();
    this.#sending = makeOutbox();
    this.#maxBytes = options.maxDatagramBytes ?? 2048;
    const makeBatch = (): AddressBatch<Deno.NetAddr> =>
      new AddressBatch({
        maxBatch: options.maxBatch ?? 64,
        maxBytes: this.#maxBytes,
        intern: (address) => this.#intern(address),
      });
    this.#filling = makeBatch();
    this.#handed = makeBatch();
    poller.add(this);
    this.#pumping = this.#pump();
  }

  get outbox(): Outbox {
    return this.#outbox;
  }

  get closed(): boolean {
    return this.#closed;
  }

  stats(): DatagramStats {
    return { ...this.#stats };
  }

  send(peer: number, bytes: Uint8Array): boolean {
    return !this.#closed && this.#outbox.send(peer, bytes);
  }

  respond(): void {
    this.#marked = false;
    if (this.#closed) return;
    this.#handOver();
    if (this.#inFlight === 0) this.#sendQueued();
  }

  async flush(): Promise<void> {
    while (!this.#closed && (this.#inFlight > 0 || this.#outbox.count > 0)) {
      if (this.#inFlight === 0) this.#sendQueued();
      await new Promise<void>((resolve) => this.#flushed.push(resolve));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
    this.#resumePump?.();
    this.#settleFlushes();
    this.#poller.remove(this);
  }

  drop(): Promise<void> {
    this.close();
    return this.#pumping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush();
    await this.drop();
  }

  #mark(): void {
    if (this.#marked || this.#closed) return;
    this.#marked = true;
    this.#poller.markReady(this);
  }

  async #pump(): Promise<void> {
    // One byte more than is allowed tells a datagram that was too long.
    const buffer = new Uint8Array(this.#maxBytes + 1);
    for (let failures = 0; !this.#closed && failures < MAX_RECEIVE_ERRORS;) {
      try {
        const [bytes, address] = await this.#conn.receive(buffer);
        failures = 0;
        if (bytes.length > this.#maxBytes) {
          this.#stats.oversized++;
          continue;
        }
        this.#filling.push(bytes, address as Deno.NetAddr);
        this.#mark();
        if (this.#filling.full) await new Promise<void>((resolve) => this.#resumePump = resolve);
      } catch (error) {
        if (this.#closed) return;
        this.#stats.receiveErrors++;
        if (++failures === MAX_RECEIVE_ERRORS) this.#lose(error);
        await macrotask();
      }
    }
  }

  #lose(error: unknown): void {
    this.close();
    if (this.#options.onError && error instanceof Error) this.#options.onError(error);
    else this.#poller.host.report(error);
  }

  #handOver(): void {
    if (this.#handing || this.#filling.count === 0) return;
    this.#handing = true;
    const batch = this.#filling;
    this.#filling = this.#handed;
    this.#handed = batch;
    this.#resumePump?.();
    this.#resumePump = null;
    this.#stats.received += batch.count;
    this.#poller.host.callSoon(this.#deliver);
  }

  #deliver = (): void => {
    try {
      if (!this.#closed) this.#options.onBatch(this.#handed, this);
    } finally {
      this.#handed.clear();
      this.#handing = false;
      if (this.#filling.count > 0) this.#mark();
    }
  };

  #sendQueued(): void {
    const queue = this.#outbox;
    if (queue.count === 0) return;
    this.#outbox = this.#sending;
    this.#sending = queue;
    this.#inFlight = queue.count;
    for (let i = 0; i < queue.count; i++) {
      const start = queue.starts[i];
      const bytes = queue.bytes.subarray(start, start + queue.lengths[i]);
      this.#conn.send(bytes, this.#target(queue.targets[i])).then(this.#onSent, this.#onUnsent);
    }
  }

  #onSent = (): void => {
    this.#stats.sent++;
    this.#settleOne();
  };

  #onUnsent = (): void => {
    this.#stats.sendErrors++;
    this.#settleOne();
  };

  // The memory of what is in flight must not be written before all is sent.
  #settleOne(): void {
    if (--this.#inFlight > 0) return;
    this.#sending.clear();
    if (this.#outbox.count > 0) this.#mark();
    this.#settleFlushes();
  }

  #settleFlushes(): void {
    for (const resolve of this.#flushed.splice(0)) resolve();
  }

  #intern(address: Deno.NetAddr): number {
    const key = keyOf(address);
    const found = this.#keys.get(key);
    if (found !== undefined) return found;
    const peer = this.peers.internAddress(address.hostname, address.port);
    if (peer < 0) return -1;
    this.#known[peer] = address;
    this.#keys.set(key, peer);
    return peer;
  }

  #forget(peer: number): void {
    const address = this.#known[peer];
    if (address !== undefined) this.#keys.delete(keyOf(address));
    this.#known[peer] = undefined;
  }

  #target(peer: number): Deno.NetAddr {
    return this.#known[peer] ??= this.#composeTarget(peer);
  }

  #composeTarget(peer: number): Deno.NetAddr {
    const { hostname, port } = this.peers.address(peer);
    const mapped = this.#mapsIpv4 && !hostname.includes(":");
    return { transport: "udp", hostname: mapped ? `::ffff:${hostname}` : hostname, port };
  }
}

function keyOf(address: Deno.NetAddr): string {
  return `${address.hostname} ${address.port}`;
}
