import { EventLoop } from "../../../loop/mod.ts";
import {
  RedisConnection,
  type RedisConnectionOptions,
  RedisError,
  type RedisReply,
  type RedisScript,
} from "../../../redis/mod.ts";
import { SessionStoreError } from "../session_error.ts";
import type { SessionStore, SessionWrite, StoredSession } from "../session_store.ts";
import { REDIS_SESSION_LAYOUTS, type RedisSessionLayout } from "./redis_session_layout.ts";
import { DELETE, READ, TOUCH, WRITE } from "./redis_session_scripts.ts";

/** Options of {@linkcode RedisSessionStore}. */
export interface RedisSessionStoreOptions {
  /**
   * Whose sessions they are, which tells the names of keys and locks.
   *
   * @default {"connect-redis"}
   */
  layout?: RedisSessionLayout;
  /**
   * What stands before the id in a key.
   *
   * @default {that of the layout}
   */
  prefix?: string;
  /**
   * What stands after the key of a session in that of its lock; empty when there are no locks.
   *
   * @default {that of the layout}
   */
  lockSuffix?: string;
  /**
   * How long a write waits while the web application holds the lock of the session, in
   * milliseconds.
   *
   * @default {10_000}
   */
  lockWaitMs?: number;
  /**
   * How long a write waits between two looks at a lock, in milliseconds.
   *
   * @default {50}
   */
  lockPollMs?: number;
  /**
   * The loop that times the waiting.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/**
 * Keeps sessions in Redis, where and as a web application keeps them. A write waits while the web
 * application holds the lock of the session, and is refused when it has written meanwhile.
 *
 * @example The sessions of an express application with connect-redis
 * ```ts ignore
 * import { RedisSessionStore, Sessions } from "@sluice/sluice/websocket";
 *
 * await using sessions = new Sessions(await RedisSessionStore.open("redis://localhost"), {
 *   cookie: { name: "connect.sid", secrets: ["keyboard cat"] },
 * });
 * ```
 */
export class RedisSessionStore implements SessionStore {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  readonly #lockSuffix: string;
  readonly #lockWaitMs: number;
  readonly #lockPollMs: number;
  readonly #loop: EventLoop;

  /**
   * Keeps sessions in a Redis that is connected, and closes the connection in the end.
   *
   * @param redis The connection.
   * @param options See {@linkcode RedisSessionStoreOptions}.
   * @throws {RangeError} When an option is out of range.
   */
  constructor(redis: RedisConnection, options: RedisSessionStoreOptions = {}) {
    const { layout = "connect-redis", lockWaitMs = 10_000, lockPollMs = 50 } = options;
    const names = REDIS_SESSION_LAYOUTS[layout];
    if (names === undefined) throw new RangeError(`Cannot use layout ${layout} of sessions`);
    if (!(lockWaitMs >= 0) || !(lockPollMs > 0)) {
      throw new RangeError(`Cannot wait ${lockWaitMs} ms for a lock, every ${lockPollMs} ms`);
    }
    this.#redis = redis;
    this.#prefix = options.prefix ?? names.prefix;
    this.#lockSuffix = options.lockSuffix ?? names.lockSuffix;
    this.#lockWaitMs = lockWaitMs;
    this.#lockPollMs = lockPollMs;
    this.#loop = options.loop ?? EventLoop.default();
  }

  /**
   * Connects to a Redis.
   *
   * @param url `redis[s]://[[USER]:PASSWORD@]HOST[:PORT][,…][/NUMBER]`.
   * @param options Those of the store and of the connection.
   * @throws {SyntaxError} When the URL is none.
   * @throws {SessionStoreError} When there is no connection, or the password is wrong.
   */
  static async open(
    url: string,
    options: RedisSessionStoreOptions & RedisConnectionOptions = {},
  ): Promise<RedisSessionStore> {
    try {
      return new RedisSessionStore(await RedisConnection.open(url, options), options);
    } catch (error) {
      throw error instanceof RedisError ? storeError("open sessions", error) : error;
    }
  }

  /** Reads a session. */
  async read(id: string): Promise<StoredSession | null> {
    const reply = await this.#run("read session", { script: READ, id, args: [], retry: true });
    const [version, bytes] = reply as readonly [Uint8Array, Uint8Array];
    return version.length === 0 ? null : { bytes: new Uint8Array(bytes), version: textOf(version) };
  }

  /** Writes a session, provided that nobody else has written it meanwhile. */
  async write(id: string, write: SessionWrite): Promise<string | null> {
    const args = [write.bytes, write.version ?? "", lifeOf(write.ttlMs)];
    // Sent twice, the second is refused as the version has changed, and the session is read again.
    const reply = await this.#whenUnlocked("write session", {
      script: WRITE,
      id,
      args,
      retry: true,
    });
    return textOf(reply) || null;
  }

  /** Lets a session live on. */
  async touch(id: string, ttlMs: number): Promise<boolean> {
    const args = [lifeOf(ttlMs)];
    return await this.#run("touch session", { script: TOUCH, id, args, retry: true }) === 1;
  }

  /** Deletes a session. */
  async delete(id: string, options: { version?: string } = {}): Promise<boolean> {
    const args = [options.version ?? ""];
    return await this.#whenUnlocked("delete session", { script: DELETE, id, args }) === 1;
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#redis[Symbol.asyncDispose]();
  }

  async #whenUnlocked(verb: string, call: ScriptCall): Promise<RedisReply> {
    const until = this.#loop.now() + this.#lockWaitMs;
    for (;;) {
      const reply = await this.#run(verb, call);
      if (textOf(reply) !== "LOCKED") return reply;
      if (this.#loop.now() >= until) {
        throw new SessionStoreError(
          `Cannot ${verb} as the web application has locked it for ${this.#lockWaitMs} ms`,
        );
      }
      await this.#loop.sleep(this.#lockPollMs);
    }
  }

  async #run(verb: string, { script, id, args, retry }: ScriptCall): Promise<RedisReply> {
    const key = this.#prefix + id;
    const lock = this.#lockSuffix === "" ? "" : key + this.#lockSuffix;
    // The braces keep both keys in one slot of a cluster, and the web application's pattern out.
    const keys = [key, `{${key}}:written`, lock];
    try {
      return await this.#redis.run(script, { keys, args }, { retry });
    } catch (error) {
      throw error instanceof RedisError ? storeError(verb, error) : error;
    }
  }
}

interface ScriptCall {
  readonly script: RedisScript;
  readonly id: string;
  readonly args: readonly (string | Uint8Array)[];
  readonly retry?: boolean;
}

const decoder = new TextDecoder();

function textOf(reply: RedisReply): string {
  return reply instanceof Uint8Array ? decoder.decode(reply) : "";
}

function lifeOf(ttlMs: number): string {
  return Number.isFinite(ttlMs) ? String(Math.max(1, Math.ceil(ttlMs))) : "";
}

function storeError(verb: string, cause: RedisError): SessionStoreError {
  return new SessionStoreError(`Cannot ${verb} as the store fails: ${cause.message}`, { cause });
}
