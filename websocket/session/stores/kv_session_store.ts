import {
  type Clock,
  openKvFile,
  type RandomSource,
  SystemClock,
  SystemRandom,
} from "../../../loop/mod.ts";
import { SessionStoreError } from "../session_error.ts";
import type { SessionStore, SessionWrite, StoredSession } from "../session_store.ts";

/** Options of {@linkcode KvSessionStore}. */
export interface KvSessionStoreOptions {
  /**
   * What the keys of all records begin with.
   *
   * @default {["session"]}
   */
  prefix?: readonly string[];
  /**
   * The clock that tells when a session expires.
   *
   * @default {the machine's}
   */
  clock?: Clock;
  /**
   * Where the names of parts come from.
   *
   * @default {the platform's}
   */
  random?: RandomSource;
}

/** The record that makes a session exist; a big one has its bytes in parts. */
interface Head {
  readonly expiresAt: number;
  /** The bytes, or what the parts are called and how many there are. */
  readonly body: Uint8Array | { readonly name: string; readonly count: number };
}

/** A value of Deno KV has at most 65,536 bytes; the rest is for what is around it. */
const PART_BYTES = 60_000;
/** What Deno KV reads at once. */
const PARTS_A_READ = 10;
/** A session that is written anew while its parts are read is read again. */
const MAX_READS = 16;

/**
 * Keeps sessions in Deno KV. One over 60,000 bytes is cut into parts, which are
 * written before the record that refers to them: a crash leaves the session as
 * it was, and parts that expire by themselves.
 *
 * @example Sessions survive the process
 * ```ts
 * import { KvSessionStore } from "@sluice/sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = await KvSessionStore.open(":memory:");
 * const bytes = new Uint8Array(200_000).fill(7);
 * await store.write("some id", { bytes, version: null, ttlMs: 60_000 });
 * assertEquals((await store.read("some id"))?.bytes, bytes);
 * ```
 */
export class KvSessionStore implements SessionStore {
  readonly #kv: Deno.Kv;
  readonly #prefix: readonly string[];
  readonly #clock: Clock;
  readonly #random: RandomSource;
  #closed = false;

  /**
   * Keeps sessions in a database that is open, and closes it in the end.
   *
   * @param kv The database.
   * @param options See {@linkcode KvSessionStoreOptions}.
   */
  constructor(kv: Deno.Kv, options: KvSessionStoreOptions = {}) {
    this.#kv = kv;
    this.#prefix = options.prefix ?? ["session"];
    this.#clock = options.clock ?? new SystemClock();
    this.#random = options.random ?? new SystemRandom();
  }

  /**
   * Opens a database.
   *
   * @param path The path of its file, made if need be; or `:memory:`.
   * @param options See {@linkcode KvSessionStoreOptions}.
   * @throws {SessionStoreError} When it can't be used.
   */
  static async open(path: string, options?: KvSessionStoreOptions): Promise<KvSessionStore> {
    if (typeof Deno.openKv !== "function") {
      throw new SessionStoreError(`Cannot open ${path} as --unstable-kv is missing`);
    }
    return new KvSessionStore(await guard(`open ${path}`, () => openKvFile(path)), options);
  }

  /** Reads a session. */
  read(id: string): Promise<StoredSession | null> {
    return guard("read session", async () => {
      for (let reads = 0; reads < MAX_READS; reads++) {
        const { value, versionstamp } = await this.#head(id);
        if (value === null || value.expiresAt <= this.#clock.wallMs()) return null;
        const bytes = await this.#bytesOf(id, value);
        if (bytes !== null) return { bytes, version: versionstamp! };
      }
      throw new SessionStoreError("Cannot read session as parts of it are missing");
    });
  }

  /** Writes a session, provided that nobody else has written it meanwhile. */
  write(id: string, write: SessionWrite): Promise<string | null> {
    return guard("write session", async () => {
      const current = await this.#head(id);
      const isExpired = current.value !== null && current.value.expiresAt <= this.#clock.wallMs();
      const version = isExpired ? null : current.versionstamp;
      if (version !== write.version) return null;
      return await this.#replace(id, current, write);
    });
  }

  /** Lets a session live on. */
  touch(id: string, ttlMs: number): Promise<boolean> {
    return guard("touch session", async () => {
      for (;;) {
        const current = await this.#head(id);
        if (current.value === null || current.value.expiresAt <= this.#clock.wallMs()) return false;
        const bytes = await this.#bytesOf(id, current.value);
        const write = { bytes: bytes ?? new Uint8Array(), ttlMs };
        // Whoever wrote it meanwhile has let it live on.
        if (bytes !== null && await this.#replace(id, current, write) !== null) return true;
        if ((await this.#head(id)).versionstamp !== current.versionstamp) return true;
      }
    });
  }

  /** Deletes a session. */
  delete(id: string, options: { version?: string } = {}): Promise<boolean> {
    return guard("delete session", async () => {
      const current = await this.#head(id);
      const isMeant = current.versionstamp === (options.version ?? current.versionstamp);
      if (current.value === null || !isMeant) return false;
      const atomic = this.#kv.atomic().delete(this.#key(id));
      if (options.version !== undefined) atomic.check(current);
      if (!(await atomic.commit()).ok) return false;
      await this.#deleteParts(id, current.value);
      return current.value.expiresAt > this.#clock.wallMs();
    });
  }

  /** Closes the database. */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) this.#kv.close();
    this.#closed = true;
    return Promise.resolve();
  }

  #key(id: string): string[] {
    return [...this.#prefix, id];
  }

  #partKey(id: string, name: string, index: number): (string | number)[] {
    return [...this.#prefix, id, name, index];
  }

  #head(id: string): Promise<Deno.KvEntryMaybe<Head>> {
    return this.#kv.get<Head>(this.#key(id));
  }

  async #bytesOf(id: string, { body }: Head): Promise<Uint8Array | null> {
    if (body instanceof Uint8Array) return body;
    const keys = Array.from({ length: body.count }, (_, i) => this.#partKey(id, body.name, i));
    const parts: Uint8Array[] = [];
    for (let at = 0; at < keys.length; at += PARTS_A_READ) {
      const slice = keys.slice(at, at + PARTS_A_READ);
      for (const { value } of await this.#kv.getMany<Uint8Array[]>(slice)) {
        if (value === null) return null;
        parts.push(value);
      }
    }
    return await new Blob(parts as Uint8Array<ArrayBuffer>[]).bytes();
  }

  async #replace(
    id: string,
    current: Deno.KvEntryMaybe<Head>,
    write: { bytes: Uint8Array; ttlMs: number },
  ): Promise<string | null> {
    const { ttlMs } = write;
    const body = await this.#writeParts(id, write);
    const head: Head = { expiresAt: this.#clock.wallMs() + ttlMs, body };
    const result = await this.#kv.atomic().check(current)
      .set(this.#key(id), head, expiry(ttlMs)).commit();
    if (!result.ok) await this.#deleteParts(id, head);
    else if (current.value !== null) await this.#deleteParts(id, current.value);
    return result.ok ? result.versionstamp : null;
  }

  async #writeParts(
    id: string,
    { bytes, ttlMs }: { bytes: Uint8Array; ttlMs: number },
  ): Promise<Head["body"]> {
    if (bytes.length <= PART_BYTES) return new Uint8Array(bytes);
    const name = this.#random.bytes(12).toHex();
    let count = 0;
    for (let at = 0; at < bytes.length; at += PART_BYTES) {
      const part = bytes.slice(at, at + PART_BYTES);
      await this.#kv.set(this.#partKey(id, name, count++), part, expiry(ttlMs));
    }
    return { name, count };
  }

  async #deleteParts(id: string, { body }: Head): Promise<void> {
    if (body instanceof Uint8Array) return;
    for (let i = 0; i < body.count; i++) await this.#kv.delete(this.#partKey(id, body.name, i));
  }
}

function expiry(ttlMs: number): { expireIn?: number } {
  return Number.isFinite(ttlMs) ? { expireIn: Math.max(1, Math.ceil(ttlMs)) } : {};
}

async function guard<T>(verb: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof SessionStoreError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SessionStoreError(`Cannot ${verb} as the store fails: ${reason}`, { cause });
  }
}
