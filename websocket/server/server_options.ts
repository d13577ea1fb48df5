import type { EventLoop } from "../../loop/mod.ts";
import { isSendableCode } from "../protocol/close_code.ts";
import { type DeflateOptions, type DeflateSettings, deflateSettings } from "./deflate_options.ts";

/** Limits and timeouts of a {@linkcode WsServer}. */
export interface WsServerOptions {
  /**
   * The loop that serves.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * Most connections, those included whose handshake is not finished. Further
   * clients are refused with 503.
   *
   * @default {16_384}
   */
  maxConnections?: number;
  /**
   * Most connections from one IPv4 address or one IPv6 network of 64 bits.
   * Further ones are refused with 429. Behind a proxy all come from its address.
   *
   * @default {Infinity}
   */
  maxConnectionsPerAddress?: number;
  /**
   * Most bytes of the head of a handshake; longer ones are refused with 431.
   *
   * @default {16_384}
   */
  maxHeadBytes?: number;
  /**
   * Most header fields of a handshake; more are refused with 431.
   *
   * @default {100}
   */
  maxHeaderFields?: number;
  /**
   * Most bytes a message, all fragments together, and after decompression. A
   * longer one closes the connection with 1009.
   *
   * @default {16_777_216}
   */
  maxMessageBytes?: number;
  /**
   * Most bytes of payload a frame; a longer one closes the connection with 1009.
   *
   * @default {maxMessageBytes}
   */
  maxFrameBytes?: number;
  /**
   * Most frames a message; more close the connection with 1008.
   *
   * @default {131_072}
   */
  maxFragments?: number;
  /**
   * Most bytes that the unfinished messages of all connections take together.
   * A connection that needs more is closed with 1013.
   *
   * @default {268_435_456}
   */
  maxUnfinishedBytes?: number;
  /**
   * Most messages a second and connection, twice as many in a burst. More
   * close the connection with 1008.
   *
   * @default {Infinity}
   */
  maxMessagesPerSecond?: number;
  /**
   * Most bytes received a second and connection, twice as many in a burst.
   * More close the connection with 1008.
   *
   * @default {Infinity}
   */
  maxBytesPerSecond?: number;
  /**
   * Bytes waiting to be sent at which `send()` begins to answer `false`, and
   * at which reading from the slow reader pauses.
   *
   * @default {65_536}
   */
  highWatermark?: number;
  /**
   * Bytes waiting to be sent at which a slow reader has caught up.
   *
   * @default {16_384, or the high watermark if that is lower}
   */
  lowWatermark?: number;
  /**
   * Bytes waiting to be sent beyond which a message more evicts the slow reader.
   *
   * @default {1_048_576}
   */
  maxBufferedBytes?: number;
  /**
   * How long a slow reader may take to catch up, until it is evicted.
   *
   * @default {30_000}
   */
  slowTimeoutMs?: number;
  /**
   * The code that a slow reader is closed with.
   *
   * @default {1013}
   */
  evictionCode?: number;
  /**
   * How long a handshake may take from the first byte to the answer; a slower
   * one is refused with 408.
   *
   * @default {10_000}
   */
  handshakeTimeoutMs?: number;
  /**
   * How long to wait for the peer to close, until the connection is terminated.
   *
   * @default {5000}
   */
  closeTimeoutMs?: number;
  /**
   * After how long without a byte from the peer it is pinged; 0 for never.
   *
   * @default {30_000}
   */
  pingIntervalMs?: number;
  /**
   * How long to wait for a sign of life after such a ping, until the
   * connection is terminated.
   *
   * @default {20_000}
   */
  pongTimeoutMs?: number;
  /**
   * After how long without a message from the peer it is closed with 1008; 0 for never.
   *
   * @default {0}
   */
  idleTimeoutMs?: number;
  /**
   * How messages are compressed, or `false` for never. Don't send secrets and
   * text that a stranger chooses in one message, as its length gives them away.
   *
   * @default {{}, without context takeover}
   */
  deflate?: DeflateOptions | false;
  /**
   * Called with what the application's handlers throw when it has no `onError`.
   *
   * @default {the loop's onError}
   */
  onError?: (error: unknown) => void;
}

/** Limits and timeouts with nothing left open. */
export type ServerSettings =
  & Required<Omit<WsServerOptions, "loop" | "deflate" | "onError">>
  & { deflate: DeflateSettings | null };

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} When an option is out of range.
 */
export function serverSettings(options: WsServerOptions): ServerSettings {
  const maxMessageBytes = options.maxMessageBytes ?? 16_777_216;
  const highWatermark = options.highWatermark ?? 65_536;
  const limits = {
    maxConnections: options.maxConnections ?? 16_384,
    maxConnectionsPerAddress: options.maxConnectionsPerAddress ?? Infinity,
    maxHeadBytes: options.maxHeadBytes ?? 16_384,
    maxHeaderFields: options.maxHeaderFields ?? 100,
    maxMessageBytes,
    maxFrameBytes: options.maxFrameBytes ?? maxMessageBytes,
    maxFragments: options.maxFragments ?? 131_072,
    maxUnfinishedBytes: options.maxUnfinishedBytes ?? 268_435_456,
    maxMessagesPerSecond: options.maxMessagesPerSecond ?? Infinity,
    maxBytesPerSecond: options.maxBytesPerSecond ?? Infinity,
    highWatermark,
    maxBufferedBytes: options.maxBufferedBytes ?? 1_048_576,
    slowTimeoutMs: options.slowTimeoutMs ?? 30_000,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    closeTimeoutMs: options.closeTimeoutMs ?? 5000,
    pongTimeoutMs: options.pongTimeoutMs ?? 20_000,
  };
  const orZero = {
    lowWatermark: options.lowWatermark ?? Math.min(16_384, highWatermark),
    pingIntervalMs: options.pingIntervalMs ?? 30_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 0,
  };
  for (const [name, value] of Object.entries(limits)) check(name, value > 0, value);
  for (const [name, value] of Object.entries(orZero)) check(name, value >= 0, value);
  check("lowWatermark", orZero.lowWatermark <= highWatermark, orZero.lowWatermark);
  const evictionCode = options.evictionCode ?? 1013;
  check("evictionCode", isSendableCode(evictionCode), evictionCode);
  const deflate = options.deflate === false ? null : deflateSettings(options.deflate ?? {});
  return { ...limits, ...orZero, evictionCode, deflate };
}

function check(name: string, isValid: boolean, value: number): void {
  if (isValid) return;
  throw new RangeError(`Cannot make server as ${name} is out of range: received ${value}`);
}
