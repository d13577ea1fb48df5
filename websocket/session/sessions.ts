import { type RandomSource, SystemRandom } from "../../loop/mod.ts";
import { JsonSessionCodec } from "./json_session_codec.ts";
import { parseCookies } from "../protocol/cookies.ts";
import { Session } from "./session.ts";
import type { SessionBackend } from "./session_backend.ts";
import type { SessionCodec } from "./session_codec.ts";
import { SessionCookie, type SessionCookieOptions } from "./session_cookie.ts";
import { isSessionId, newSessionId } from "./session_id.ts";
import type { SessionStore } from "./session_store.ts";
import { TurnQueue } from "./turn_queue.ts";

/** Options of {@linkcode Sessions}. */
export interface SessionsOptions {
  /**
   * The form that sessions are stored in.
   *
   * @default {JsonSessionCodec, as for express-session}
   */
  codec?: SessionCodec;
  /**
   * The cookie that holds the id.
   *
   * @default {see SessionCookieOptions}
   */
  cookie?: SessionCookieOptions;
  /**
   * How long a session lives without use, in milliseconds, unless it says so
   * itself as those of express-session do.
   *
   * @default {86_400_000, which is a day}
   */
  ttlMs?: number;
  /**
   * Most bytes of a stored session.
   *
   * @default {1_048_576}
   */
  maxBytes?: number;
  /**
   * How often a save is tried while other processes write the same session.
   *
   * @default {64}
   */
  maxAttempts?: number;
  /**
   * Where ids come from.
   *
   * @default {the platform's cryptographic source}
   */
  random?: RandomSource;
}

/** What cookies come with: a request of the web application, or a handshake. */
export interface CookieHolder {
  /** The header fields. */
  readonly headers: Headers;
  /**
   * The cookies by name, as they came.
   *
   * @default {those of the header fields}
   */
  readonly cookies?: ReadonlyMap<string, string>;
}

/** Options of {@linkcode Sessions.open}. */
export interface OpenSessionOptions {
  /**
   * Whether to begin a session of this very id when there is none. Only for
   * ids that this side has made up: a client could fix its victim's id.
   *
   * @default {false}
   */
  create?: boolean;
}

/**
 * The sessions of a web application, from outside any connection.
 *
 * @example What the web application and the socket write
 * ```ts
 * import { MemorySessionStore, Sessions } from "@sluice/sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * const sessions = new Sessions(new MemorySessionStore());
 * const session = sessions.create();
 * session.set("name", "Zoë");
 * await session.save();
 *
 * const other = await sessions.open(session.id);
 * other?.set("visits", 1);
 * session.set("name", "Bob");
 * await Promise.all([other?.save(), session.save()]);
 *
 * const both = await sessions.open(session.id);
 * assertEquals([both?.get("name"), both?.get("visits")], ["Bob", 1]);
 * ```
 */
export class Sessions implements AsyncDisposable {
  /** The cookie that holds the id. */
  readonly cookie: SessionCookie;
  readonly #backend: SessionBackend;

  /**
   * Describes the sessions.
   *
   * @param store Where they are kept.
   * @param options See {@linkcode SessionsOptions}.
   * @throws {RangeError} When an option is out of range.
   */
  constructor(store: SessionStore, options: SessionsOptions = {}) {
    const { ttlMs = 86_400_000, maxBytes = 1_048_576, maxAttempts = 64 } = options;
    for (const [name, value] of Object.entries({ ttlMs, maxBytes, maxAttempts })) {
      if (!(value > 0)) throw new RangeError(`Cannot use ${value} as ${name}: it must be positive`);
    }
    this.cookie = new SessionCookie(options.cookie);
    const { codec = new JsonSessionCodec(), random = new SystemRandom() } = options;
    const turns = new TurnQueue();
    this.#backend = { store, codec, random, turns, ttlMs, maxBytes, maxAttempts };
  }

  /**
   * Opens a session.
   *
   * @param id Its id.
   * @param options See {@linkcode OpenSessionOptions}.
   * @returns The session, or `null` when there is none, or there can be none of such an id.
   * @throws {SessionStoreError} When the store can't be read.
   * @throws {SessionFormatError} When the codec can't read it.
   */
  async open(id: string, options: OpenSessionOptions = {}): Promise<Session | null> {
    if (!isSessionId(id)) return null;
    const stored = await this.#backend.store.read(id);
    if (stored === null && options.create !== true) return null;
    return new Session(this.#backend, { id, stored });
  }

  /**
   * The session of a request: the one of its cookie, or a new one, for which
   * the answer needs a `Set-Cookie` by {@linkcode SessionCookie.format}.
   *
   * @example Set the cookie with a page
   * ```ts
   * import { MemorySessionStore, Sessions } from "@sluice/sluice/websocket";
   * import { assertEquals } from "@std/assert";
   *
   * const sessions = new Sessions(new MemorySessionStore());
   * const session = await sessions.ofRequest(new Request("http://localhost/"));
   * assertEquals(session.isNew, true);
   * await session.save();
   * const cookie = sessions.cookie.format(session.id);
   *
   * const headers = { Cookie: cookie.split(";")[0] };
   * const again = await sessions.ofRequest(new Request("http://localhost/", { headers }));
   * assertEquals([again.isNew, again.id], [false, session.id]);
   * ```
   *
   * @param request The request, or what has its header fields.
   * @throws {SessionStoreError} When the store can't be read.
   * @throws {SessionFormatError} When the codec can't read it.
   */
  async ofRequest(request: CookieHolder): Promise<Session> {
    const cookies = request.cookies ?? parseCookies(request.headers.get("cookie") ?? "");
    const id = this.cookie.read(cookies);
    return (id === null ? null : await this.open(id)) ?? this.create();
  }

  /** Begins a session with an id of its own; it is there for others once it is saved. */
  create(): Session {
    return new Session(this.#backend, { id: newSessionId(this.#backend.random), stored: null });
  }

  /** Closes the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#backend.store[Symbol.asyncDispose]();
  }
}
