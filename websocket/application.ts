import type { Connection } from "./connection.ts";
import type { HandshakeAnswer, HandshakeRequest } from "./handshake_request.ts";

/** How a connection ended. */
export interface CloseInfo {
  /**
   * The close code that the peer sent; 1005 when it sent none, 1006 when the
   * connection was lost. When this side failed the connection, the code it gave.
   */
  readonly code: number;
  /** The reason that belongs to the code; may be empty. */
  readonly reason: string;
  /** Whether both sides finished the closing handshake. */
  readonly wasClean: boolean;
}

/** The subprotocols of an application, or how to tell them from a request. */
export type Subprotocols = readonly string[] | ((request: HandshakeRequest) => readonly string[]);

/**
 * An application, or a component around one. Each handler is optional. A
 * handler that throws, or whose promise rejects, makes {@linkcode onError} be
 * called; nothing that an application does ends the server.
 */
export interface Application {
  /**
   * Subprotocols it speaks, the preferred first. A client that offers only
   * others is refused with 400; one that offers none gets none.
   *
   * @default {none: whatever the client offers, it gets none}
   */
  readonly subprotocols?: Subprotocols;
  /**
   * A client wants to connect. Whoever returns a status refuses it; otherwise
   * the connection opens once the promise, if any, is fulfilled. A failure
   * here refuses with 500.
   */
  onHandshake?(
    request: HandshakeRequest,
  ): HandshakeAnswer | void | Promise<HandshakeAnswer | void>;
  /** A connection is open. Its messages wait until the promise, if any, is settled. */
  onOpen?(connection: Connection): void | Promise<void>;
  /**
   * A message came: a string for text, bytes for binary; the bytes are the
   * application's to keep. Later messages don't wait for a promise.
   */
  onMessage?(
    connection: Connection,
    message: string | Uint8Array<ArrayBuffer>,
  ): void | Promise<void>;
  /** The connection is gone; the last call about it, and exactly one for each `onOpen`. */
  onClose?(connection: Connection, close: CloseInfo): void | Promise<void>;
  /**
   * A handler failed. Without this handler, or when it fails itself, the
   * connection is closed with 1011 and the server's `onError` is told.
   */
  onError?(connection: Connection, error: unknown): void | Promise<void>;
}
