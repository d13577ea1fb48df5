import { EventLoop, type Handle } from "../loop/mod.ts";
import { type ModstampStore, StoreError } from "./store.ts";

const VALUES = ["modstamp", "value"];
const NEWS = ["modstamp", "news"];
const SESSIONS = ["modstamp", "session"];
/** Changes of one atomic operation, with a margin to what Deno KV takes. */
const MAX_CHANGES = 200;
/** Others' changes are read no more often than this. */
const PAUSE_MS = 100;
const RETRY_MS = 1000;
/** What a database is called that was given. */
const GIVEN = "the database";
const SESSION_MS = 86_400_000;
/** Room between versions for commits of one transaction of the database. */
const VERSION_STEP = 16;

/** Options of {@linkcode RemoteKvModstampStore.open}. */
export interface RemoteKvModstampStoreOptions {
  /**
   * How long a change may take to be stored, in milliseconds. Then it is refused, and will not be
   * stored later either.
   *
   * @default {5000}
   */
  timeoutMs?: number;
  /**
   * Told when what others have changed can't be read; it is tried again.
   *
   * @default {reportError}
   */
  onError?: (error: StoreError) => void;
  /**
   * The loop that times it.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

interface Known {
  readonly versionstamp: string;
  readonly value: Uint8Array;
}

/**
 * Keeps values in a remote Deno KV, by KV Connect, so that several servers are one. The access token
 * is taken from `DENO_KV_ACCESS_TOKEN`. When others change something, all values are read anew: it
 * is meant for thousands of ids, not for millions. On an edge platform, where `Deno.openKv()` gives
 * the database that all isolates share, it takes that.
 *
 * @example A database of Deno Deploy
 * ```ts ignore
 * import { ModstampServer, RemoteKvModstampStore } from "@sluice/sluice/modstamp";
 *
 * await using store = await RemoteKvModstampStore.open("https://api.deno.com/databases/ID/connect");
 * await using server = await ModstampServer.listen({ store });
 * ```
 */
export class RemoteKvModstampStore implements ModstampStore {
  readonly #url: string;
  readonly #kv: Deno.Kv;
  readonly #ownsKv: boolean;
  readonly #loop: EventLoop;
  readonly #timeoutMs: number;
  readonly #onError: (error: StoreError) => void;
  readonly #session: Deno.KvKey;
  readonly #known = new Map<string, Known>();
  #watcher: ReadableStreamDefaultReader<unknown> | null = null;
  #onChange: Parameters<RemoteKvModstampStore["subscribe"]>[0] = () => undefined;
  /** Proves that no change of an earlier session can still arrive. */
  #sessionStamp: string | null = null;
  #look: Handle | null = null;
  #rewatch: Handle | null = null;
  #isLoaded = false;
  #closed = false;

  private constructor(kv: Deno.Kv, url: string | null, options: RemoteKvModstampStoreOptions) {
    this.#url = url ?? GIVEN;
    this.#kv = kv;
    this.#ownsKv = url !== null;
    this.#loop = options.loop ?? EventLoop.default();
    this.#timeoutMs = options.timeoutMs ?? 5000;
    this.#onError = options.onError ?? ((error) => reportError(error));
    this.#session = [...SESSIONS, this.#loop.random.bytes(12).toHex()];
    void this.#watch();
  }

  /**
   * Connects to a database.
   *
   * @param database Its URL, or the database itself, which is then not closed with the store.
   * @param options See {@linkcode RemoteKvModstampStoreOptions}.
   * @throws {StoreError} When it can't be used.
   */
  static async open(
    database: string | Deno.Kv,
    options: RemoteKvModstampStoreOptions = {},
  ): Promise<RemoteKvModstampStore> {
    if (typeof database !== "string") return new RemoteKvModstampStore(database, null, options);
    const url = database;
    if (typeof Deno.openKv !== "function") {
      throw new StoreError(`Cannot open ${url} as --unstable-kv is missing`, { store: url });
    }
    try {
      return new RemoteKvModstampStore(await Deno.openKv(url), url, options);
    } catch (cause) {
      throw new StoreError(`Cannot open ${url} as ${reasonOf(cause)}`, { store: url, cause });
    }
  }

  /** Reads all values. */
  async load(onValue: (id: string, value: Uint8Array) => void): Promise<void> {
    await this.#guard("read", () => this.#read());
    for (const [id, { value }] of this.#known) onValue(id, value);
    this.#isLoaded = true;
  }

  /** Writes the changes. */
  async commit(changes: ReadonlyMap<string, Uint8Array>): Promise<number> {
    const all = [...changes];
    let version = 0;
    do {
      const part = all.splice(0, MAX_CHANGES);
      version = await this.#guard("write", (isLate) => this.#write(part, isLate));
    } while (all.length > 0);
    return version;
  }

  /** Tells what other servers change. */
  subscribe(
    onChange: (changes: ReadonlyMap<string, Uint8Array>, version: number) => void,
  ): void {
    this.#onChange = onChange;
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    this.#look?.cancel();
    this.#rewatch?.cancel();
    // The stream ends with the connection, whichever way it does.
    this.#watcher?.cancel().catch(() => undefined);
    if (this.#ownsKv) this.#kv.close();
    return Promise.resolve();
  }

  async #write(
    part: readonly [string, Uint8Array][],
    isLate: () => boolean,
  ): Promise<number> {
    for (;;) {
      this.#sessionStamp ??= await this.#beginSession();
      const check = { key: this.#session, versionstamp: this.#sessionStamp };
      const atomic = this.#kv.atomic().check(check).set(NEWS, this.#session.at(-1));
      for (const [id, value] of part) {
        if (value.length === 0) atomic.delete([...VALUES, id]);
        else atomic.set([...VALUES, id], value);
      }
      const result = await atomic.commit();
      if (result.ok) return versionOf(result.versionstamp);
      // The session was forgotten, or belongs to the past: nothing was written.
      if (isLate()) throw new StoreError("Cannot write what came too late", { store: this.#url });
      this.#sessionStamp = null;
    }
  }

  async #beginSession(): Promise<string> {
    const result = await this.#kv.set(this.#session, 1, { expireIn: SESSION_MS });
    return result.versionstamp;
  }

  async #watch(): Promise<void> {
    try {
      const watcher = this.#watcher = this.#kv.watch([NEWS]).getReader();
      while (!(await watcher.read()).done && !this.#closed) this.#lookSoon(PAUSE_MS);
    } catch (cause) {
      if (!this.#closed) this.#onError(this.#error("watch", cause));
    }
    if (this.#closed) return;
    this.#rewatch = this.#loop.callLater(RETRY_MS, () => this.#watch());
  }

  #lookSoon(delayMs: number): void {
    if (!this.#isLoaded || this.#look?.active) return;
    this.#look = this.#loop.callLater(delayMs, async () => {
      try {
        await this.#guard("read", () => this.#read());
      } catch (error) {
        if (this.#closed) return;
        if (error instanceof StoreError) this.#onError(error);
        this.#look = this.#loop.callLater(RETRY_MS, () => this.#lookSoon(0));
      }
    });
  }

  /** Reads all values, and tells those that are not as they were. */
  async #read(): Promise<void> {
    const { versionstamp } = await this.#kv.get(NEWS);
    const gone = new Set(this.#known.keys());
    const entries = this.#kv.list<Uint8Array>({ prefix: VALUES }, { batchSize: 500 });
    for await (const { key, value, versionstamp } of entries) {
      const id = String(key[VALUES.length]);
      gone.delete(id);
      if (this.#known.get(id)?.versionstamp === versionstamp) continue;
      this.#known.set(id, { value, versionstamp });
      if (this.#isLoaded) this.#onChange(new Map([[id, value]]), versionOf(versionstamp));
    }
    for (const id of gone) {
      this.#known.delete(id);
      this.#onChange(new Map([[id, new Uint8Array()]]), versionOf(versionstamp ?? "0"));
    }
  }

  /** What takes too long is given up; the database itself would try for ever. */
  #guard<T>(verb: string, run: (isLate: () => boolean) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(this.#error(verb, "it is closed"));
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = this.#loop.callLater(this.#timeoutMs, () => {
        isLate = true;
        this.#sessionStamp = null;
        reject(this.#error(verb, `it has not answered for ${this.#timeoutMs} ms`));
      });
      run(() => isLate).then(resolve, (cause) => reject(this.#error(verb, cause)))
        .finally(() => timer.cancel());
    });
  }

  #error(verb: string, cause: unknown): StoreError {
    return new StoreError(`Cannot ${verb} ${this.#url} as ${reasonOf(cause)}`, {
      store: this.#url,
      cause,
    });
  }
}

/** The first 8 bytes of a versionstamp are the transaction, 2 more its place among others. */
function versionOf(versionstamp: string): number {
  const place = Number.parseInt(versionstamp.slice(16) || "0", 16);
  return Number.parseInt(versionstamp.slice(0, 16), 16) * VERSION_STEP +
    Math.min(place, VERSION_STEP - 1);
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const text = cause.message.split("\n")[0];
  return text.charAt(0).toLowerCase() + text.slice(1);
}
