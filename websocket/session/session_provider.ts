import type { Application, CloseInfo } from "../application.ts";
import { Attribute, type Attributes } from "../attribute.ts";
import { CloseCode } from "../protocol/close_code.ts";
import { nameOf } from "../check_application.ts";
import { Component, findComponent } from "../component.ts";
import type { Connection } from "../connection.ts";
import type { HandshakeAnswer, HandshakeRequest } from "../handshake_request.ts";
import { isPromise } from "../is_promise.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";

/** Options of {@linkcode SessionProvider}. */
export interface SessionProviderOptions {
  /** The sessions. */
  sessions: Sessions;
  /**
   * Whether a client without a session gets one, and a cookie with its id; it
   * is stored once something is set. Otherwise it gets one that lasts as long
   * as the connection.
   *
   * @default {true}
   */
  setCookie?: boolean;
  /**
   * Whether a session is saved after each handler that has changed it.
   *
   * @default {true}
   */
  autoSave?: boolean;
}

const SESSION = new Attribute<Session>("session");
const FAILURE = new Attribute<{ error: unknown }>("session failure");

/**
 * The session of a connection, or of a request during its handshake.
 *
 * @param owner The connection or the request.
 * @throws {TypeError} When no {@linkcode SessionProvider} is around the application.
 */
export function sessionOf(owner: { readonly attributes: Attributes }): Session {
  const session = findSession(owner);
  if (session !== undefined) return session;
  throw new TypeError("Cannot give session as no SessionProvider is around the application");
}

/** The session of a connection, or of a request during its handshake, if there is one. */
export function findSession(owner: { readonly attributes: Attributes }): Session | undefined {
  return owner.attributes.get(SESSION);
}

/**
 * Gives each connection the session of the web application, by its cookie. A
 * client that brings an id that is not known gets a session of another id. When
 * the store fails, the application's `onError` is told instead of its `onOpen`,
 * and the connection is closed.
 *
 * @example A name that outlives the connection
 * ```ts
 * import { MemorySessionStore, sessionOf, SessionProvider } from "@sluice/sluice/websocket";
 * import { Sessions, WsServer } from "@sluice/sluice/websocket";
 *
 * const sessions = new Sessions(new MemorySessionStore());
 * new WsServer(
 *   new SessionProvider({
 *     onOpen: (connection) => void connection.send(`Hello ${sessionOf(connection).get("name")}`),
 *     onMessage: (connection, name) => sessionOf(connection).set("name", name),
 *   }, { sessions }),
 * );
 * ```
 */
export class SessionProvider extends Component {
  readonly #sessions: Sessions;
  readonly #setCookie: boolean;
  readonly #autoSave: boolean;

  /**
   * Wraps an application.
   *
   * @param inner What it wraps.
   * @param options See {@linkcode SessionProviderOptions}.
   * @throws {TypeError} When `inner` can't stand there, or has a provider of its own.
   */
  constructor(inner: Application, options: SessionProviderOptions) {
    super(inner);
    if (findComponent(inner, SessionProvider) !== undefined) {
      throw new TypeError(
        `Cannot wrap ${nameOf(inner)} in SessionProvider as there is one already, further inside`,
      );
    }
    this.#sessions = options.sessions;
    this.#setCookie = options.setCookie ?? true;
    this.#autoSave = options.autoSave ?? true;
  }

  /** Opens the session, then passes the handshake on. */
  override async onHandshake(request: HandshakeRequest): Promise<HandshakeAnswer | void> {
    let cookie: string | null = null;
    try {
      cookie = await this.#open(request);
    } catch (error) {
      request.attributes.set(FAILURE, { error });
      return;
    }
    const answer = await super.onHandshake(request);
    if (cookie === null) return answer;
    return { ...answer, headers: [...answer?.headers ?? [], ["Set-Cookie", cookie]] };
  }

  /** Passes the connection on. */
  override onOpen(connection: Connection): void | Promise<void> {
    const failure = connection.attributes.get(FAILURE);
    if (failure === undefined) {
      return this.#thenSave(connection, () => super.onOpen(connection));
    }
    return this.#refuse(connection, failure.error);
  }

  /** Passes the message on. */
  override onMessage(
    connection: Connection,
    message: string | Uint8Array<ArrayBuffer>,
  ): void | Promise<void> {
    if (connection.attributes.has(FAILURE)) return;
    return this.#thenSave(connection, () => super.onMessage(connection, message));
  }

  /** Passes the end of the connection on, unless its beginning was not. */
  override onClose(connection: Connection, close: CloseInfo): void | Promise<void> {
    if (connection.attributes.has(FAILURE)) return;
    return this.#thenSave(connection, () => super.onClose(connection, close));
  }

  async #refuse(connection: Connection, error: unknown): Promise<void> {
    try {
      await super.onError(connection, error);
    } finally {
      connection.close(CloseCode.internalError, "The session can't be opened");
    }
  }

  /** @returns The cookie to set, or `null` when there is nothing to set. */
  async #open(request: HandshakeRequest): Promise<string | null> {
    const session = await this.#sessions.ofRequest(request);
    request.attributes.set(SESSION, session);
    return session.isNew && this.#setCookie ? this.#sessions.cookie.format(session.id) : null;
  }

  #thenSave(connection: Connection, run: () => void | Promise<void>): void | Promise<void> {
    const result = run();
    if (isPromise(result)) return result.then(() => this.#save(connection));
    return this.#save(connection);
  }

  #save(connection: Connection): void | Promise<void> {
    const session = sessionOf(connection);
    if (this.#autoSave && session.isChanged) return session.save();
  }
}
