import {
  RedisConnection,
  type RedisConnectionOptions,
  RedisError,
  type RedisReply,
  type RedisScript,
} from "../redis/mod.ts";
import { EventLoop, SystemRandom } from "../loop/mod.ts";
import { BEGIN, COMMIT, SINCE } from "./_redis_scripts.ts";
import { decodeChanges, encodeChanges } from "./_store_frame.ts";
import { type ModstampStore, StoreError } from "./store.ts";

/** Changes that are read at once when catching up, and values when loading. */
const PAGE = 1000;
/** Room between versions, for a server that makes several of one commit. */
const VERSION_STEP = 1024;
const LINE_FEED = 10;
/** Messages that are held while earlier changes are read; beyond them these are read again. */
const MAX_BACKLOG = 10_000;
const RETRY_MS = 1000;

const decoder = new TextDecoder();

/** Options of {@linkcode RedisModstampStore}. */
export interface RedisModstampStoreOptions {
  /**
   * What the keys begin with. Servers that are to be one have it in common.
   *
   * @default {"modstamp"}
   */
  prefix?: string;
  /**
   * Told when what others have changed can't be read; it is tried again later.
   *
   * @default {reportError}
   */
  onError?: (error: StoreError) => void;
  /**
   * The loop that times the next try.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/** What others have changed, as it comes. */
interface News {
  readonly version: number;
  readonly changes: ReadonlyMap<string, Uint8Array>;
}

/**
 * Keeps values in Redis, so that servers on several machines are one: each is told at once what
 * the others change. Redis gives each change its version, so that an older one never takes the
 * place of a newer. A server that has lost Redis goes on answering, refuses changes, and catches
 * up when Redis is back.
 *
 * @example Two servers
 * ```ts ignore
 * import { ModstampServer, RedisModstampStore } from "@sluice/sluice/modstamp";
 *
 * await using store = await RedisModstampStore.open("redis://localhost");
 * await using server = await ModstampServer.listen({ store });
 * ```
 */
export class RedisModstampStore implements ModstampStore {
  readonly #redis: RedisConnection;
  readonly #loop: EventLoop;
  readonly #keys: readonly string[];
  readonly #channel: string;
  readonly #onError: (error: StoreError) => void;
  readonly #state: Disposable;
  /** Tells what this store sends from what it had sent before the connection was lost. */
  #session = 0;
  readonly #name = new SystemRandom().bytes(12).toHex();
  #onChange: Parameters<RedisModstampStore["subscribe"]>[0] = () => undefined;
  #subscribed: Promise<Disposable> | null = null;
  /** The version up to which everything was told. */
  #seen = 0;
  /** What comes while earlier changes are read. */
  #backlog: News[] | null = null;
  #missed = false;
  #isLoaded = false;
  #catching: Promise<void> = Promise.resolve();

  /**
   * Keeps values in a Redis that is connected, and closes the connection in the end.
   *
   * @param redis The connection.
   * @param options See {@linkcode RedisModstampStoreOptions}.
   */
  constructor(redis: RedisConnection, options: RedisModstampStoreOptions = {}) {
    const { prefix = "modstamp" } = options;
    this.#redis = redis;
    this.#loop = options.loop ?? EventLoop.default();
    this.#onError = options.onError ?? ((error) => reportError(error));
    this.#channel = `{${prefix}}:changes`;
    const names = ["values", "versions", "deleted", "version", `session:${this.#name}`];
    this.#keys = names.map((name) => `{${prefix}}:${name}`);
    this.#state = redis.onState((isConnected) => this.#turn(isConnected));
  }

  /**
   * Connects to a Redis.
   *
   * @param url `redis[s]://[[USER]:PASSWORD@]HOST[:PORT][,…][/NUMBER]`.
   * @param options Those of the store and of the connection.
   * @throws {SyntaxError} When the URL is none.
   * @throws {StoreError} When there is no connection, or the password is wrong.
   */
  static async open(
    url: string,
    options: RedisModstampStoreOptions & RedisConnectionOptions = {},
  ): Promise<RedisModstampStore> {
    try {
      const redis = await RedisConnection.open(url, { callTimeoutMs: 2000, ...options });
      return new RedisModstampStore(redis, options);
    } catch (error) {
      throw error instanceof RedisError ? storeError("open", error) : error;
    }
  }

  /** Reads all values. */
  async load(onValue: (id: string, value: Uint8Array) => void): Promise<void> {
    // What changes meanwhile is told once all is read, and in order.
    this.#backlog ??= [];
    this.#subscribed ??= this.#guard(
      "read",
      () => this.#redis.subscribe(this.#channel, (message) => this.#receive(message)),
    );
    await this.#subscribed;
    const start = await this.#begin();
    let cursor = "0";
    do {
      const reply = await this.#call("read", ["HSCAN", this.#keys[0], cursor, "COUNT", `${PAGE}`]);
      const [next, entries] = reply as readonly [Uint8Array, readonly Uint8Array[]];
      for (let i = 0; i < entries.length; i += 2) {
        onValue(decoder.decode(entries[i]), entries[i + 1].slice());
      }
      cursor = decoder.decode(next);
    } while (cursor !== "0");
    if (!this.#isLoaded) this.#seen = start;
    this.#isLoaded = true;
    await this.#catchUp();
  }

  /** Has Redis store the changes, as durably as it is set up to. */
  async commit(changes: ReadonlyMap<string, Uint8Array>): Promise<number> {
    const blob = encodeChanges(changes);
    for (let tries = 0; tries < 2; tries++) {
      const reply = await this.#run("write", COMMIT, [this.#sessionName, blob, this.#channel]);
      const version = numberOf(reply);
      if (version > 0) return version * VERSION_STEP;
      // Redis doesn't know of this session: it has just begun, or Redis has come back empty.
      await this.#begin();
    }
    throw new StoreError(`Cannot write ${this.#redis.display} as it forgets what it is told`, {
      store: this.#redis.display,
    });
  }

  /** Tells what other servers change. */
  subscribe(
    onChange: (changes: ReadonlyMap<string, Uint8Array>, version: number) => void,
  ): void {
    this.#onChange = onChange;
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#state[Symbol.dispose]();
    await this.#redis[Symbol.asyncDispose]();
  }

  get #sessionName(): string {
    return String(this.#session);
  }

  async #begin(): Promise<number> {
    return numberOf(await this.#run("read", BEGIN, [this.#sessionName], { retry: true }));
  }

  #turn(isConnected: boolean): void {
    if (isConnected) {
      this.#session++;
      this.#resume();
    } else {
      this.#backlog ??= [];
    }
  }

  #resume(): void {
    this.#catching = this.#catching.then(() => this.#readMissed());
  }

  async #readMissed(): Promise<void> {
    try {
      const version = await this.#begin();
      if (version < this.#seen) {
        const display = this.#redis.display;
        this.#onError(
          new StoreError(`Cannot find all changes in ${display} as it has lost some`, {
            store: display,
          }),
        );
        this.#seen = 0;
      }
      await this.#catchUp();
    } catch (error) {
      // Without a connection, the next one tries again.
      if (!this.#redis.isConnected || !(error instanceof StoreError)) return;
      this.#onError(error);
      this.#loop.callLater(RETRY_MS, () => this.#resume());
    }
  }

  /** Tells what has changed since what was seen, and then what came meanwhile. */
  async #catchUp(): Promise<void> {
    this.#backlog ??= [];
    for (let from = this.#seen;;) {
      const args = [String(from), String(PAGE)];
      const reply = await this.#run("read", SINCE, args, { retry: true });
      const [version, last, blob] = reply as readonly Uint8Array[];
      const changes = decodeChanges(blob);
      // Each value is the present one, whichever change had brought it.
      if (changes !== null && changes.size > 0) {
        this.#onChange(changes, numberOf(version) * VERSION_STEP);
      }
      from = last.length > 0 ? numberOf(last) : numberOf(version);
      if (last.length > 0) continue;
      this.#seen = Math.max(this.#seen, from);
      if (!this.#missed) break;
      this.#missed = false;
      this.#backlog = [];
    }
    const backlog = this.#backlog;
    this.#backlog = null;
    for (const news of backlog ?? []) this.#tell(news);
  }

  #receive(message: Uint8Array): void {
    const end = message.indexOf(LINE_FEED);
    const version = numberOf(message.subarray(0, Math.max(0, end)));
    const changes = decodeChanges(message.subarray(end + 1));
    if (end < 0 || changes === null || !(version > 0)) return;
    if (this.#backlog === null) this.#tell({ version, changes });
    else if (this.#backlog.length < MAX_BACKLOG) this.#backlog.push({ version, changes });
    else this.#missed = true;
  }

  #tell({ version, changes }: News): void {
    if (version <= this.#seen) return;
    this.#seen = version;
    this.#onChange(changes, version * VERSION_STEP);
  }

  #run(
    verb: string,
    script: RedisScript,
    args: readonly (string | Uint8Array)[],
    options?: { retry: boolean },
  ): Promise<RedisReply> {
    return this.#guard(verb, () => this.#redis.run(script, { keys: this.#keys, args }, options));
  }

  #call(verb: string, args: readonly string[]): Promise<RedisReply> {
    return this.#guard(verb, () => this.#redis.call(args, { retry: true }));
  }

  async #guard<T>(verb: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      throw error instanceof RedisError ? storeError(verb, error, this.#redis.display) : error;
    }
  }
}

function numberOf(reply: RedisReply): number {
  return reply instanceof Uint8Array ? Number(decoder.decode(reply)) : Number(reply);
}

function storeError(verb: string, cause: RedisError, store = "Redis"): StoreError {
  return new StoreError(`Cannot ${verb} values: ${cause.message}`, { store, cause });
}
