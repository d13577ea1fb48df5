import { openKvFile } from "../loop/mod.ts";
import { type ModstampStore, StoreError } from "./store.ts";

const PREFIX = ["modstamp", "value"];
/** What one atomic operation of Deno KV may hold, with a margin. */
const MAX_MUTATIONS = 1000;
const MAX_KEY_BYTES = 80_000;
const MAX_BYTES = 800_000;
/** Bytes of a key and a mutation besides the id, generously. */
const OVERHEAD_BYTES = 40;

/**
 * Keeps values in a Deno KV file: one record a modstamp, all changes of a
 * commit in as few synced writes as they fit in. The file belongs to one process
 * at a time.
 *
 * @example Values survive the process
 * ```ts
 * import { KvModstampStore } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = await KvModstampStore.open(":memory:");
 * await store.commit(new Map([["test", Uint8Array.of(7)]]));
 * const values: [string, Uint8Array][] = [];
 * await store.load((id, value) => values.push([id, value]));
 * assertEquals(values, [["test", Uint8Array.of(7)]]);
 * ```
 */
export class KvModstampStore implements ModstampStore {
  readonly #path: string;
  readonly #kv: Deno.Kv;
  readonly #lock: Deno.FsFile | null;
  #closed = false;

  private constructor(path: string, options: { kv: Deno.Kv; lock: Deno.FsFile | null }) {
    this.#path = path;
    this.#kv = options.kv;
    this.#lock = options.lock;
  }

  /**
   * Opens a file, made if need be, or `:memory:`.
   *
   * @param path The file's path.
   * @throws {StoreError} When the file can't be used or another process uses it.
   */
  static async open(path: string): Promise<KvModstampStore> {
    if (typeof Deno.openKv !== "function") {
      throw new StoreError(`Cannot open ${path} as --unstable-kv is missing`, { store: path });
    }
    const lock = path === ":memory:" ? null : await lockFile(path);
    try {
      return new KvModstampStore(path, { kv: await openKvFile(path), lock });
    } catch (cause) {
      lock?.close();
      throw new StoreError(`Cannot open ${path} as ${reasonOf(cause)}`, { store: path, cause });
    }
  }

  /** Reads all values. */
  async load(onValue: (id: string, value: Uint8Array) => void): Promise<void> {
    try {
      const entries = this.#kv.list<Uint8Array>({ prefix: PREFIX }, { batchSize: 1000 });
      for await (const { key, value } of entries) onValue(String(key[PREFIX.length]), value);
    } catch (cause) {
      throw this.#error("read", cause);
    }
  }

  /** Writes the changes and syncs them to the disk. */
  async commit(changes: ReadonlyMap<string, Uint8Array>): Promise<void> {
    try {
      for (const part of split(changes)) {
        const atomic = this.#kv.atomic();
        for (const [id, value] of part) {
          if (value.length === 0) atomic.delete([...PREFIX, id]);
          else atomic.set([...PREFIX, id], value);
        }
        await atomic.commit();
      }
    } catch (cause) {
      throw this.#error("write", cause);
    }
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#kv.close();
      this.#lock?.close();
    }
    return Promise.resolve();
  }

  #error(verb: string, cause: unknown): StoreError {
    return new StoreError(`Cannot ${verb} ${this.#path} as ${reasonOf(cause)}`, {
      store: this.#path,
      cause,
    });
  }
}

async function lockFile(path: string): Promise<Deno.FsFile> {
  let file: Deno.FsFile | undefined;
  try {
    file = await Deno.open(`${path}.lock`, { create: true, write: true, mode: 0o600 });
    if (await file.tryLock(true)) return file;
  } catch (cause) {
    file?.close();
    throw new StoreError(`Cannot open ${path} as ${reasonOf(cause)}`, { store: path, cause });
  }
  file.close();
  throw new StoreError(`Cannot open ${path} as another process uses it`, { store: path });
}

function* split(changes: ReadonlyMap<string, Uint8Array>): Generator<[string, Uint8Array][]> {
  let part: [string, Uint8Array][] = [];
  let keyBytes = 0;
  let bytes = 0;
  for (const change of changes) {
    const key = change[0].length + OVERHEAD_BYTES;
    const full = part.length === MAX_MUTATIONS || keyBytes + key > MAX_KEY_BYTES ||
      bytes + key + change[1].length > MAX_BYTES;
    if (full) {
      yield part;
      part = [];
      keyBytes = bytes = 0;
    }
    part.push(change);
    keyBytes += key;
    bytes += key + change[1].length;
  }
  if (part.length > 0) yield part;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const text = cause.message.split("\n")[0];
  return text.charAt(0).toLowerCase() + text.slice(1);
}
