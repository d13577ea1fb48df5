import type { Attributes } from "./attribute.ts";
import type { HandshakeRequest } from "./handshake_request.ts";
import type { PreparedMessage } from "./prepared_message.ts";

/** What a connection does: messages pass while it is `open`. */
export type ConnectionState = "open" | "closing" | "closed";

/** One WebSocket connection; the same object in every call that is about it. */
export interface Connection {
  /** A name that is unique and can't be guessed. */
  readonly id: string;
  /** The request that opened it. */
  readonly request: HandshakeRequest;
  /** The subprotocol that was chosen, or the empty string. */
  readonly subprotocol: string;
  /** What it does. */
  readonly state: ConnectionState;
  /** What is kept with it. */
  readonly attributes: Attributes;
  /** Bytes sent by the application that the system has not taken yet. */
  readonly bufferedBytes: number;
  /** Whether reading is paused by {@linkcode pause}. */
  readonly paused: boolean;
  /** The last measured round trip in milliseconds, or `null` before the first. */
  readonly roundTripMs: number | null;

  /**
   * Sends a message: text for a string, binary for bytes, which are copied.
   * Does nothing when the connection is not open.
   *
   * @returns Whether to go on: `false` at or above the high watermark, and
   * when the connection is not open.
   */
  send(data: string | Uint8Array | PreparedMessage): boolean;
  /**
   * Begins the closing handshake; the connection is terminated when the peer
   * does not finish it in time. Does nothing when it is not open.
   *
   * @param code 1000 to 1003, 1007 to 1014, or 3000 to 4999; default 1000.
   * @param reason At most 123 bytes of UTF-8; default empty.
   * @throws {RangeError} When the code may not be sent or the reason is too long.
   */
  close(code?: number, reason?: string): void;
  /** Drops the connection now, without a closing handshake; what is queued is lost. */
  terminate(): void;
  /**
   * Waits until what is buffered has fallen to the low watermark.
   *
   * @throws {ConnectionClosedError} When the connection closes before.
   */
  drained(options?: { signal?: AbortSignal }): Promise<void>;
  /** Stops reading: no further message is handed over, and the peer is held back. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /**
   * Measures the round trip.
   *
   * @returns Milliseconds from the ping to its pong.
   * @throws {ConnectionClosedError} When the connection closes before.
   * @throws {TypeError} When the front can't ping.
   */
  ping(options?: { signal?: AbortSignal }): Promise<number>;
}

/** A connection was closed while somebody waited for it. */
export class ConnectionClosedError extends Error {
  /** The close code: 1005 when there was none, 1006 when the connection was lost. */
  readonly code: number;

  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param options The close code.
   */
  constructor(message: string, options: { code: number }) {
    super(message);
    this.name = "ConnectionClosedError";
    this.code = options.code;
  }
}
