import type { Application, CloseInfo } from "./application.ts";
import { checkApplication } from "./check_application.ts";
import type { Connection } from "./connection.ts";
import type { HandshakeAnswer, HandshakeRequest } from "./handshake_request.ts";

/**
 * An application that wraps another one. It passes everything on; a component
 * overrides what it is about and calls `super` for the rest.
 *
 * @example Count messages
 * ```ts
 * import { type Application, Component, type Connection } from "@sluice/sluice/websocket";
 * import { assertThrows } from "@std/assert";
 *
 * class Counter extends Component {
 *   count = 0;
 *   override onMessage(connection: Connection, message: string | Uint8Array<ArrayBuffer>) {
 *     this.count++;
 *     return super.onMessage(connection, message);
 *   }
 * }
 * const echo: Application = { onMessage: (connection, message) => void connection.send(message) };
 * new Counter(echo);
 * assertThrows(() => new Counter({ onCall() {} } as Application), TypeError, "WampServer");
 * ```
 */
export abstract class Component implements Application {
  readonly #inner: Application;

  /**
   * Wraps an application.
   *
   * @param inner What it wraps.
   * @throws {TypeError} When `inner` can't stand there.
   */
  constructor(inner: Application) {
    this.#inner = checkApplication(inner, new.target.name);
  }

  /** What it wraps. */
  get inner(): Application {
    return this.#inner;
  }

  /** The subprotocols of what it wraps. */
  subprotocols(request: HandshakeRequest): readonly string[] {
    return subprotocolsOf(this.#inner, request);
  }

  /** Passes the handshake on. */
  onHandshake(
    request: HandshakeRequest,
  ): HandshakeAnswer | void | Promise<HandshakeAnswer | void> {
    return this.#inner.onHandshake?.(request);
  }

  /** Passes the connection on. */
  onOpen(connection: Connection): void | Promise<void> {
    return this.#inner.onOpen?.(connection);
  }

  /** Passes the message on. */
  onMessage(
    connection: Connection,
    message: string | Uint8Array<ArrayBuffer>,
  ): void | Promise<void> {
    return this.#inner.onMessage?.(connection, message);
  }

  /** Passes the end of the connection on. */
  onClose(connection: Connection, close: CloseInfo): void | Promise<void> {
    return this.#inner.onClose?.(connection, close);
  }

  /** Passes the failure on; throws it when nobody is there to take it. */
  onError(connection: Connection, error: unknown): void | Promise<void> {
    if (this.#inner.onError === undefined) throw error;
    return this.#inner.onError(connection, error);
  }
}

/** The subprotocols that `application` speaks with the client of `request`. */
export function subprotocolsOf(
  application: Application,
  request: HandshakeRequest,
): readonly string[] {
  const { subprotocols } = application;
  return typeof subprotocols === "function"
    ? subprotocols.call(application, request)
    : subprotocols ?? [];
}

/**
 * The component of class `kind` in a chain of components, from the outside in.
 *
 * @param application The outermost application.
 * @param kind The class to look for.
 * @returns The component, or `undefined` when there is none.
 */
export function findComponent<T extends Component>(
  application: Application,
  // deno-lint-ignore no-explicit-any -- constructors of components take what they like
  kind: abstract new (...args: any[]) => T,
): T | undefined {
  let at: Application | undefined = application;
  while (at !== undefined) {
    if (at instanceof kind) return at;
    at = at instanceof Component ? at.inner : undefined;
  }
  return undefined;
}
