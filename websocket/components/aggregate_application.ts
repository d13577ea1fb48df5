import type { Application, CloseInfo } from "../application.ts";
import { Attribute } from "../attribute.ts";
import { checkApplication } from "../check_application.ts";
import { subprotocolsOf } from "../component.ts";
import type { Connection } from "../connection.ts";
import type { HandshakeAnswer, HandshakeRequest } from "../handshake_request.ts";

/**
 * Several applications behind one port, chosen by path. A path is exact
 * (`/chat`), or ends with `/*` for all that is below it (`/rooms/*`); the
 * longest one that fits counts. A client that asks for another path is refused
 * with 404.
 *
 * @example Two applications
 * ```ts
 * import { AggregateApplication, WsServer } from "@sluice/sluice/websocket";
 *
 * new WsServer(
 *   new AggregateApplication({
 *     "/echo": { onMessage: (connection, message) => void connection.send(message) },
 *     "/time/*": { onOpen: (connection) => void connection.send("tick") },
 *   }),
 * );
 * ```
 */
export class AggregateApplication implements Application {
  readonly #exact = new Map<string, Application>();
  readonly #prefixes: [prefix: string, application: Application][] = [];
  readonly #route = new Attribute<Application>("application");

  /**
   * Puts applications together.
   *
   * @param routes The applications by path.
   * @throws {TypeError} When an application can't stand there.
   * @throws {SyntaxError} When a path is malformed.
   */
  constructor(routes: Readonly<Record<string, Application>>) {
    for (const [path, application] of Object.entries(routes)) {
      checkApplication(application, new.target.name);
      const isPrefix = path.endsWith("/*");
      const text = isPrefix ? path.slice(0, -1) : path;
      if (!text.startsWith("/") || /[*?#]/.test(text)) {
        throw new SyntaxError(`Cannot serve path ${path} as it is no path`);
      }
      if (isPrefix) this.#prefixes.push([text, application]);
      else this.#exact.set(text, application);
    }
    this.#prefixes.sort(([a], [b]) => b.length - a.length);
  }

  /** The subprotocols of the application that is asked for. */
  subprotocols(request: HandshakeRequest): readonly string[] {
    const application = this.#find(request);
    return application === undefined ? [] : subprotocolsOf(application, request);
  }

  /** Passes the handshake on to the application that is asked for. */
  onHandshake(
    request: HandshakeRequest,
  ): HandshakeAnswer | void | Promise<HandshakeAnswer | void> {
    const application = this.#find(request);
    if (application === undefined) return { status: 404 };
    request.attributes.set(this.#route, application);
    return application.onHandshake?.(request);
  }

  /** Passes the connection on. */
  onOpen(connection: Connection): void | Promise<void> {
    return this.#of(connection).onOpen?.(connection);
  }

  /** Passes the message on. */
  onMessage(
    connection: Connection,
    message: string | Uint8Array<ArrayBuffer>,
  ): void | Promise<void> {
    return this.#of(connection).onMessage?.(connection, message);
  }

  /** Passes the end of the connection on. */
  onClose(connection: Connection, close: CloseInfo): void | Promise<void> {
    return this.#of(connection).onClose?.(connection, close);
  }

  /** Passes the failure on; throws it when nobody is there to take it. */
  onError(connection: Connection, error: unknown): void | Promise<void> {
    const application = this.#of(connection);
    if (application.onError === undefined) throw error;
    return application.onError(connection, error);
  }

  /** The applications. */
  get applications(): ReadonlySet<Application> {
    return new Set([...this.#exact.values(), ...this.#prefixes.map(([, each]) => each)]);
  }

  #of(connection: Connection): Application {
    return connection.attributes.get(this.#route) ?? this.#find(connection.request)!;
  }

  #find(request: HandshakeRequest): Application | undefined {
    const { pathname } = request.url;
    return this.#exact.get(pathname) ??
      this.#prefixes.find(([prefix]) => pathname.startsWith(prefix))?.[1];
  }
}
