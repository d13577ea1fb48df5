import type { Outbox } from "./outbox.ts";
import type { PeerTable, SocketAddress } from "./peer_table.ts";

/**
 * Datagrams that arrived together. The batch and its memory are valid only
 * during the call that hands it over.
 */
export interface DatagramBatch {
  /** How many datagrams there are. */
  readonly count: number;
  /** The memory that holds all of them. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where datagram `index` starts in {@linkcode bytes}. */
  start(index: number): number;
  /** Where datagram `index` ends in {@linkcode bytes}. */
  end(index: number): number;
  /** Who sent datagram `index`, as a number of the socket's {@linkcode PeerTable}. */
  peer(index: number): number;
}

/** Options of `EventLoop.bindDatagram`. */
export interface DatagramOptions {
  /** Called, in the callback phase, with each batch of datagrams. */
  onBatch: (batch: DatagramBatch, socket: DatagramSocket) => void;
  /**
   * Called when the socket is lost and can't go on. Passing errors (an
   * unreachable peer, a full send buffer) are only counted.
   *
   * @default {the loop's onError}
   */
  onError?: (error: Error) => void;
  /**
   * The interface to bind, an IP address or a name.
   *
   * @default {"::"} All interfaces, IPv6 and IPv4; `0.0.0.0` where there is no IPv6.
   */
  hostname?: string;
  /**
   * The port to bind; 0 lets the system choose.
   *
   * @default {0}
   */
  port?: number;
  /**
   * Whether several processes may share the port, the kernel dealing out
   * peers among them (SO_REUSEPORT). Refused where the poller can't.
   *
   * @default {false}
   */
  reusePort?: boolean;
  /**
   * The longest datagram received, in bytes; longer ones are dropped and counted.
   *
   * @default {2048}
   */
  maxDatagramBytes?: number;
  /**
   * Most datagrams handed over at a time.
   *
   * @default {64}
   */
  maxBatch?: number;
  /**
   * Most datagrams queued for sending; further ones are refused.
   *
   * @default {4096}
   */
  maxQueued?: number;
  /**
   * Most peers remembered. Peers nobody retains are forgotten first.
   *
   * @default {1_048_576}
   */
  maxPeers?: number;
  /**
   * The kernel's receive and send buffers, in bytes, as far as the kernel
   * grants it and the poller can ask.
   *
   * @default {8 MiB}
   */
  kernelBufferBytes?: number;
}

/** What a {@linkcode DatagramSocket} has counted since it was bound. */
export interface DatagramStats {
  /** Datagrams received and handed over. */
  received: number;
  /** Datagrams given to the system for sending. */
  sent: number;
  /** Received datagrams dropped because they were longer than `maxDatagramBytes`. */
  oversized: number;
  /** Datagrams not sent because the system refused them. */
  sendErrors: number;
  /** Errors while receiving, such as an ICMP port unreachable. */
  receiveErrors: number;
}

/** A datagram socket on an event loop. */
export interface DatagramSocket extends AsyncDisposable {
  /** Where the socket is bound. */
  readonly localAddress: SocketAddress;
  /** The peers it has met, each a small number. */
  readonly peers: PeerTable;
  /** Where datagrams to send are written; changes after every I/O phase. */
  readonly outbox: Outbox;
  /** Whether the socket was closed. */
  readonly closed: boolean;
  /** What it has counted. */
  stats(): DatagramStats;
  /**
   * Queues a copy of `bytes` for `peer`.
   *
   * @returns Whether there was room for it.
   */
  send(peer: number, bytes: Uint8Array): boolean;
  /** Closes the socket at once; what is queued is lost. */
  close(): void;
  /** Sends what is queued, then closes. */
  [Symbol.asyncDispose](): Promise<void>;
}
