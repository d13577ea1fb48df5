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
const NOTHING = new Uint8Array();
/** What a database is called that was given. */
const GIVEN = "the database";
const SESSION_MS = 86_400_000;
/** Room between versions, for a server that makes several of one commit. */
const VERSION_STEP = 1024;

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

/** The newest value of an id that was seen, empty for one that was deleted here. */
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
  #watcher: ReadableStreamDefaultReader<[Deno.KvEntryMaybe<unknown>]> | null = null;
  #onChange: Parameters<RemoteKvModstampStore["subscribe"]>[0] = () => undefined;
  /** Proves that no change of an earlier session can still arrive. */
  #sessionStamp: string | null = null;
  /**
   * What the server is told is numbered here, in an order in which the values of each id are in
   * that of the database: its own versions are longer than a number.
   */
  #version = 0;
  /** The last change that was told of, and the one up to which all was read. */
  #news = "";
  #seen = "";
  #reading: Promise<void> = Promise.resolve();
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
    await this.#readAll();
    for (const [id, { value }] of this.#known) if (value.length > 0) onValue(id, value);
    this.#isLoaded = true;
    this.#lookSoon(0);
  }

  /** Writes the changes. */
  async commit(changes: ReadonlyMap<string, Uint8Array>): Promise<number> {
    const all = [...changes];
    const outdated: string[] = [];
    do {
      const part = all.splice(0, MAX_CHANGES);
      const stamp = await this.#guard("write", (isLate) => this.#write(part, isLate));
      for (const [id, value] of part) {
        if (!this.#note(id, { value, versionstamp: stamp })) outdated.push(id);
      }
    } while (all.length > 0);
    const version = this.#version += VERSION_STEP;
    for (const id of outdated) this.#tell(id, this.#known.get(id)?.value ?? NOTHING);
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
  ): Promise<string> {
    for (;;) {
      this.#sessionStamp ??= await this.#beginSession();
      const check = { key: this.#session, versionstamp: this.#sessionStamp };
      const atomic = this.#kv.atomic().check(check).set(NEWS, this.#session.at(-1));
      for (const [id, value] of part) {
        if (value.length === 0) atomic.delete([...VALUES, id]);
        else atomic.set([...VALUES, id], value);
      }
      const result = await atomic.commit();
      if (result.ok) return result.versionstamp;
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
      for (;;) {
        const { done, value } = await watcher.read();
        if (done || this.#closed) break;
        this.#news = value[0].versionstamp ?? "";
        this.#lookSoon(PAUSE_MS);
      }
    } catch (cause) {
      if (!this.#closed) this.#onError(this.#error("watch", cause));
    }
    if (this.#closed) return;
    this.#rewatch = this.#loop.callLater(RETRY_MS, () => this.#watch());
  }

  /** Reads what there is, unless that was done since the last news. */
  #lookSoon(delayMs: number): void {
    if (!this.#isLoaded || this.#look !== null || this.#news <= this.#seen) return;
    this.#look = this.#loop.callLater(delayMs, async () => {
      let pause = PAUSE_MS;
      try {
        await this.#readAll();
      } catch (error) {
        if (this.#closed) return;
        if (error instanceof StoreError) this.#onError(error);
        pause = RETRY_MS;
      }
      this.#look = null;
      this.#lookSoon(pause);
    });
  }

  /** Reads all values, one reading after the other. */
  #readAll(): Promise<void> {
    const read = (): Promise<void> => this.#guard("read", (isLate) => this.#read(isLate));
    return this.#reading = this.#reading.then(read, read);
  }

  /** Reads all values, and tells those that are not as they were. */
  async #read(isLate: () => boolean): Promise<void> {
    const { versionstamp: start } = await this.#kv.get(NEWS);
    const listed = new Set<string>();
    const entries = this.#kv.list<Uint8Array>({ prefix: VALUES }, { batchSize: 500 });
    for await (const { key, value, versionstamp } of entries) {
      if (isLate()) return;
      const id = String(key[VALUES.length]);
      listed.add(id);
      if (this.#note(id, { value, versionstamp }) && this.#isLoaded) this.#tell(id, value);
    }
    if (isLate() || start === null) return;
    for (const [id, { value, versionstamp }] of this.#known) {
      // What was written after the start may be missing in what was listed.
      if (listed.has(id) || versionstamp > start) continue;
      this.#known.delete(id);
      if (value.length > 0) this.#tell(id, NOTHING);
    }
    this.#seen = start;
  }

  /** Whether a value is newer than the one that is known; then it is from now on. */
  #note(id: string, value: Known): boolean {
    const known = this.#known.get(id);
    if (known !== undefined && known.versionstamp >= value.versionstamp) return false;
    this.#known.set(id, value);
    return true;
  }

  #tell(id: string, value: Uint8Array): void {
    this.#onChange(new Map([[id, value]]), this.#version += VERSION_STEP);
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

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const text = cause.message.split("\n")[0];
  return text.charAt(0).toLowerCase() + text.slice(1);
}
