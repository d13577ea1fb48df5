import { AddressBatch } from "../address_batch.ts";
import type { DatagramOptions, DatagramSocket, DatagramStats } from "../datagram.ts";
import { Outbox } from "../outbox.ts";
import { PeerTable, type SocketAddress } from "../peer_table.ts";
import { claimAddress } from "./claim_address.ts";
import { Endpoint } from "./endpoint.ts";
import type { SimulatedPoller, SimulatedSource } from "./poller.ts";
import type { PortHolder } from "./port_table.ts";

/** Memory for datagrams to send; small, so that a world may have many sockets. */
const OUTBOX_BYTES = 131_072;
/** What a datagram takes of the receive buffer besides its bytes, as in Linux. */
const OVERHEAD_BYTES = 512;
/** Overwrites a batch that was handed back, so that nobody can go on reading it. */
const POISON = 0xdb;

/** A datagram that has arrived. */
interface Arrival {
  readonly source: Endpoint;
  readonly bytes: Uint8Array;
}

/** A datagram socket in the simulated network. */
export class SimulatedDatagram implements DatagramSocket, SimulatedSource, PortHolder {
  readonly local: Endpoint;
  readonly reusePort: boolean;
  readonly localAddress: SocketAddress;
  readonly peers: PeerTable;
  readonly outbox: Outbox;
  readonly #poller: SimulatedPoller;
  readonly #options: DatagramOptions;
  readonly #maxBytes: number;
  readonly #maxBuffered: number;
  readonly #batch: AddressBatch<Endpoint>;
  readonly #targets: (Endpoint | undefined)[] = [];
  readonly #sources = new Map<string, Endpoint>();
  readonly #stats: DatagramStats = {
    received: 0,
    sent: 0,
    oversized: 0,
    sendErrors: 0,
    receiveErrors: 0,
  };
  #arrivals: Arrival[] = [];
  #buffered = 0;
  #handing = false;
  #marked = false;
  #closed = false;

  constructor(poller: SimulatedPoller, options: DatagramOptions) {
    const { machine } = poller;
    this.#poller = poller;
    this.#options = options;
    this.reusePort = options.reusePort ?? false;
    this.local = claimAddress(machine, machine.datagrams, { ...options, attempt: "bind" });
    this.localAddress = { hostname: this.local.ip, port: this.local.port };
    this.peers = new PeerTable({
      maxPeers: options.maxPeers,
      seed: poller.random.next() * 2 ** 32,
    });
    this.peers.onForget((peer) => this.#targets[peer] = undefined);
    this.outbox = new Outbox({
      peers: this.peers,
      maxQueued: options.maxQueued,
      maxBytes: OUTBOX_BYTES,
      onFirst: () => this.#mark(),
    });
    this.#maxBytes = options.maxDatagramBytes ?? 2048;
    this.#maxBuffered = options.kernelBufferBytes ?? 8 * 2 ** 20;
    this.#batch = new AddressBatch({
      maxBatch: options.maxBatch ?? 64,
      maxBytes: this.#maxBytes,
      intern: (source) => this.peers.intern(source.words, 0),
    });
    machine.datagrams.add(this);
    poller.add(this);
  }

  get closed(): boolean {
    return this.#closed;
  }

  stats(): DatagramStats {
    return { ...this.#stats };
  }

  send(peer: number, bytes: Uint8Array): boolean {
    return !this.#closed && this.outbox.send(peer, bytes);
  }

  /** A datagram arrives from the network; answers whether there was room for it. */
  receive(source: Endpoint, bytes: Uint8Array): boolean {
    if (bytes.length > this.#maxBytes) {
      this.#stats.oversized++;
      return true;
    }
    if (this.#buffered + bytes.length + OVERHEAD_BYTES > this.#maxBuffered) return false;
    this.#buffered += bytes.length + OVERHEAD_BYTES;
    this.#arrivals.push({ source, bytes });
    this.#mark();
    return true;
  }

  respond(): void {
    this.#marked = false;
    if (this.#closed) return;
    this.#handOver();
    this.flush();
  }

  flush(): void {
    const { outbox } = this;
    for (let i = 0; i < outbox.count; i++) {
      const start = outbox.starts[i];
      this.#transmit(outbox.targets[i], outbox.bytes.slice(start, start + outbox.lengths[i]));
    }
    outbox.clear();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#arrivals = [];
    this.#poller.machine.datagrams.delete(this);
    this.#poller.remove(this);
  }

  drop(): void {
    this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) this.flush();
    this.close();
    return Promise.resolve();
  }

  #mark(): void {
    if (this.#marked || this.#closed) return;
    this.#marked = true;
    this.#poller.markReady(this);
  }

  #handOver(): void {
    if (this.#handing || this.#arrivals.length === 0) return;
    let count = 0;
    while (count < this.#arrivals.length && !this.#batch.full) {
      const { source, bytes } = this.#arrivals[count++];
      this.#batch.push(bytes, source);
      this.#buffered -= bytes.length + OVERHEAD_BYTES;
    }
    this.#arrivals.splice(0, count);
    this.#stats.received += count;
    this.#handing = true;
    this.#poller.loop.callSoon(this.#deliver);
  }

  #deliver = (): void => {
    const batch = this.#batch;
    try {
      if (!this.#closed) this.#options.onBatch(batch, this);
    } finally {
      for (let i = 0; i < batch.count; i++) batch.bytes.fill(POISON, batch.start(i), batch.end(i));
      batch.clear();
      this.#handing = false;
      if (this.#arrivals.length > 0) this.#mark();
    }
  };

  #transmit(peer: number, bytes: Uint8Array): void {
    const target = this.#targets[peer] ??= this.#composeTarget(peer);
    const source = this.#sourceFor(target);
    if (source === undefined) {
      this.#stats.sendErrors++;
      return;
    }
    this.#stats.sent++;
    this.#poller.wire.send(this.#poller.machine, { source, target, bytes });
  }

  #composeTarget(peer: number): Endpoint {
    const { hostname, port } = this.peers.address(peer);
    return new Endpoint(hostname.split("%")[0], port);
  }

  #sourceFor(target: Endpoint): Endpoint | undefined {
    const ip = this.#poller.machine.source(this.local.ip, target.ip);
    if (ip === undefined) return undefined;
    const known = this.#sources.get(ip);
    if (known !== undefined) return known;
    const source = new Endpoint(ip, this.local.port);
    this.#sources.set(ip, source);
    return source;
  }
}
