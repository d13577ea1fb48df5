import type { SocketAddress } from "./peer_table.ts";

/** Where one end of a stream is: an IP address and port, or a unix socket's path. */
export type StreamAddress = SocketAddress | { path: string };

/**
 * What a stream tells its owner, always in the callback phase. A handler that
 * throws, or whose promise is rejected, is reported to the loop's `onError`
 * and disturbs nothing else.
 */
export interface StreamHandlers {
  /** Bytes arrived. `chunk` is valid only during the call: copy what you keep. */
  onData(chunk: Uint8Array<ArrayBuffer>, stream: StreamSocket): void | Promise<void>;
  /**
   * The peer has ended its side, and all it sent was handed over. Without this
   * handler the stream ends its own side as soon as what was written is sent.
   */
  onEnd?(stream: StreamSocket): void | Promise<void>;
  /** The write queue has fallen to the low watermark after `write()` said `false`. */
  onDrain?(stream: StreamSocket): void | Promise<void>;
  /**
   * The stream is gone, whatever the reason; the last call of its life, made
   * exactly once. `error` is `null` when both sides ended or this side closed
   * it. Not called when the loop itself is disposed, as it then calls nothing
   * any more.
   */
  onClose?(stream: StreamSocket, error: StreamError | null): void | Promise<void>;
}

/**
 * Why a stream could not be opened, or has ended against its owner's wish.
 *
 * - `reset`: the peer broke the connection, or it was cut off.
 * - `idle`: nothing went in or out for `idleTimeoutMs`.
 * - `overflow`: more than `maxQueuedBytes` were written.
 * - `refused`: nobody listens there.
 * - `timeout`: the peer did not answer in time.
 * - `unreachable`: there is no way to the peer.
 * - `tls`: the handshake failed, or what came after it was no TLS.
 * - `address`: the host's name has no address, or the address can't be used.
 * - `closed`: this side had closed the stream.
 * - `failed`: anything else; see the cause.
 */
export type StreamErrorCode =
  | "reset"
  | "idle"
  | "overflow"
  | "refused"
  | "timeout"
  | "unreachable"
  | "tls"
  | "address"
  | "closed"
  | "failed";

/**
 * A stream could not be opened, or has broken.
 *
 * @example Nobody listens
 * ```ts
 * import { EventLoop, StreamError } from "@sluice/sluice/loop";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await using loop = new EventLoop();
 * const connecting = loop.connectStream({ path: "/nowhere", handlers: { onData() {} } });
 * assertEquals((await assertRejects(() => connecting, StreamError)).code, "refused");
 * ```
 */
export class StreamError extends Error {
  /** What happened, for programs. */
  readonly code: StreamErrorCode;

  /**
   * Makes an error.
   *
   * @param message What could not be done and why.
   * @param options The code and, where known, the cause.
   */
  constructor(message: string, options: { code: StreamErrorCode; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "StreamError";
    this.code = options.code;
  }
}

/** Limits and timeouts that accepted and opened streams share. */
export interface StreamOptions {
  /**
   * Queued bytes at which `write()` begins to answer `false`.
   *
   * @default {65_536}
   */
  highWatermark?: number;
  /**
   * Queued bytes at which `onDrain` tells to go on.
   *
   * @default {16_384, or the high watermark if that is lower}
   */
  lowWatermark?: number;
  /**
   * Queued bytes beyond which the stream is terminated, as its owner did not
   * heed the watermark.
   *
   * @default {67_108_864}
   */
  maxQueuedBytes?: number;
  /**
   * Ends the stream with `idle` after this long without a byte in or out; 0 for never.
   *
   * @default {0}
   */
  idleTimeoutMs?: number;
  /**
   * How long disposing waits in vain, in milliseconds: for the peer to take
   * what is queued, then for it to end its side too.
   *
   * @default {1000}
   */
  lingerMs?: number;
  /**
   * Sends small writes at once instead of waiting for more (TCP_NODELAY). Of
   * no effect on the TLS connections that the portable poller accepts.
   *
   * @default {true}
   */
  noDelay?: boolean;
  /**
   * Lets the system probe a silent peer (SO_KEEPALIVE). Of no effect on the
   * TLS connections that the portable poller accepts.
   *
   * @default {false}
   */
  keepAlive?: boolean;
}

/** Options of `EventLoop.listenStream`. */
export interface ListenOptions extends StreamOptions {
  /** Called, in the callback phase, for each connection; returns its handlers. */
  onConnection: (stream: StreamSocket) => StreamHandlers;
  /**
   * Called when the listener is lost and can't go on. A shortage of
   * descriptors only pauses accepting and is counted.
   *
   * @default {the loop's onError}
   */
  onError?: (error: Error) => void;
  /**
   * The interface to listen on.
   *
   * @default {"::"} All interfaces, IPv6 and IPv4; `0.0.0.0` where there is no IPv6.
   */
  hostname?: string;
  /**
   * The port to listen on; 0 lets the system choose.
   *
   * @default {0}
   */
  port?: number;
  /**
   * Path of a unix socket to listen on instead of a port. Closing the listener
   * removes it.
   */
  path?: string;
  /** Connections speak TLS. Refused where the poller can't. */
  tls?: ListenTls;
  /**
   * How many finished handshakes the kernel keeps until they are accepted;
   * further clients have their SYN dropped and retry only after a second.
   *
   * @default {511}
   */
  backlog?: number;
  /**
   * Whether several processes may share the port (SO_REUSEPORT).
   *
   * @default {false}
   */
  reusePort?: boolean;
  /**
   * Most connections at a time; at the limit accepting pauses, so that further
   * ones wait in the backlog.
   *
   * @default {65_536}
   */
  maxConnections?: number;
}

/** What a listener needs to speak TLS. */
export interface ListenTls {
  /** Certificate chain in PEM. */
  cert: string;
  /** Private key in PEM. */
  key: string;
  /**
   * Application protocols offered (ALPN, RFC 7301).
   *
   * @default {none}
   */
  alpnProtocols?: string[];
  /**
   * How long a client may take for the handshake, in milliseconds; one that
   * takes longer is counted as an error and dropped. The portable poller can
   * drop it only once it goes on or away; until then it counts towards
   * `maxConnections`.
   *
   * @default {10_000}
   */
  handshakeTimeoutMs?: number;
}

/** How a client speaks TLS. */
export interface ConnectTls {
  /**
   * Certificates in PEM that are trusted besides the system's.
   *
   * @default {none}
   */
  caCerts?: string[];
  /**
   * The name the peer's certificate must be for.
   *
   * @default {the hostname connected to}
   */
  serverName?: string;
  /**
   * Application protocols offered (ALPN, RFC 7301).
   *
   * @default {none}
   */
  alpnProtocols?: string[];
}

/** Options of `EventLoop.connectStream`. */
export interface ConnectOptions extends StreamOptions {
  /** What the stream tells. */
  handlers: StreamHandlers;
  /**
   * The host to connect to; each of its addresses is tried.
   *
   * @default {"localhost"}
   */
  hostname?: string;
  /** The port to connect to. */
  port?: number;
  /** Path of a unix socket to connect to instead of a port. */
  path?: string;
  /** Speaks TLS. Refused where the poller can't. */
  tls?: ConnectTls;
  /**
   * How long connecting may take, in milliseconds, the TLS handshake included.
   * The portable poller can't break off a handshake: the descriptor is free
   * once the peer goes on or away.
   *
   * @default {10_000}
   */
  connectTimeoutMs?: number;
  /** Gives up connecting. */
  signal?: AbortSignal;
}

/** What a {@linkcode StreamListener} has counted. */
export interface ListenerStats {
  /** Connections accepted since it listens. */
  accepted: number;
  /** Connections open now. */
  connections: number;
  /** Times accepting paused for want of descriptors or memory. */
  acceptPauses: number;
  /** Handshakes (TLS) that failed, and connections gone before they were accepted. */
  acceptErrors: number;
}

/** A listener for stream connections on an event loop. */
export interface StreamListener extends AsyncDisposable {
  /** Where it listens. */
  readonly localAddress: StreamAddress;
  /** What it has counted. */
  stats(): ListenerStats;
  /**
   * Stops accepting; connections live on, and those already accepted are still
   * announced.
   */
  close(): void;
  /**
   * Stops accepting and ends its connections, each after what it has queued
   * was sent. Then its address is free again.
   */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of `StreamSocket.write`. */
export interface WriteOptions {
  /**
   * Whether the bytes stay as they are until they were sent, so that large
   * ones needn't be copied. Saves memory when many streams get the same bytes.
   *
   * @default {false}
   */
  borrowed?: boolean;
}

/** A stream on an event loop: an ordered, reliable run of bytes both ways. */
export interface StreamSocket extends AsyncDisposable {
  /** This end. */
  readonly localAddress: StreamAddress;
  /** The other end. */
  readonly remoteAddress: StreamAddress;
  /** Bytes written and not yet taken by the system. */
  readonly queuedBytes: number;
  /** Whether reading is paused. */
  readonly paused: boolean;
  /** Whether the stream takes writes: it is not gone, and its own side has not ended. */
  readonly writable: boolean;
  /** Whether the stream is gone. */
  readonly closed: boolean;
  /** The application protocol that TLS agreed on, or `null`. */
  readonly alpnProtocol: string | null;
  /**
   * Queues a copy of `bytes`. A stream that is gone, or whose own side has
   * ended, ignores them and answers `false`.
   *
   * @returns Whether to go on: `false` once the high watermark was reached,
   * until the queue has fallen to the low one.
   */
  write(bytes: Uint8Array, options?: WriteOptions): boolean;
  /**
   * Waits until the write queue is at or below the low watermark.
   *
   * @throws {StreamError} When the stream goes before; code `closed` when this side closed it.
   */
  drained(options?: { signal?: AbortSignal }): Promise<void>;
  /** Ends this side once what was written is sent (half-close). */
  end(): void;
  /**
   * Stops reading; the kernel's window then holds the peer back. Nothing is
   * handed over until {@linkcode resume}, the peer's end included.
   */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /**
   * Drops the connection now; what is queued is lost. The peer sees a reset,
   * on the portable poller only where the platform sends one: when bytes of
   * the peer's were still unread, or else as soon as the peer writes again.
   */
  terminate(): void;
  /**
   * Ends gracefully: what was written is sent, then the stream closes, when
   * the peer has ended its side too or after `lingerMs`. What the peer still
   * sends is dropped.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
