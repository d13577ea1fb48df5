import { type Clock, SystemClock } from "../../../loop/mod.ts";
import type { SessionStore, SessionWrite, StoredSession } from "../session_store.ts";

/** Options of {@linkcode MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /**
   * Most sessions. Beyond them, the one that was unused for longest is dropped.
   *
   * @default {100_000}
   */
  maxSessions?: number;
  /**
   * The clock that tells when a session expires.
   *
   * @default {the machine's}
   */
  clock?: Clock;
}

interface Kept extends StoredSession {
  readonly expiresAt: number;
}

/**
 * Keeps sessions as long as the process lives.
 *
 * @example Write and read
 * ```ts
 * import { MemorySessionStore } from "@sluice/sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * await using store = new MemorySessionStore();
 * const bytes = new TextEncoder().encode("{}");
 * await store.write("some id", { bytes, version: null, ttlMs: 60_000 });
 * assertEquals((await store.read("some id"))?.bytes, bytes);
 * ```
 */
export class MemorySessionStore implements SessionStore {
  // In the order of use, the one that was unused for longest first.
  readonly #sessions = new Map<string, Kept>();
  readonly #maxSessions: number;
  readonly #clock: Clock;
  #versions = 0;

  /**
   * Makes an empty store.
   *
   * @param options See {@linkcode MemorySessionStoreOptions}.
   * @throws {RangeError} When `maxSessions` is no positive integer.
   */
  constructor(options: MemorySessionStoreOptions = {}) {
    const { maxSessions = 100_000, clock = new SystemClock() } = options;
    if (!Number.isInteger(maxSessions) || maxSessions < 1) {
      throw new RangeError(`Cannot keep ${maxSessions} sessions`);
    }
    this.#maxSessions = maxSessions;
    this.#clock = clock;
  }

  /** How many sessions are kept, expired ones included. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Reads a session. */
  read(id: string): Promise<StoredSession | null> {
    const kept = this.#find(id);
    return Promise.resolve(kept && { bytes: kept.bytes.slice(), version: kept.version });
  }

  /** Writes a session, provided that nobody else has written it meanwhile. */
  write(id: string, write: SessionWrite): Promise<string | null> {
    const { bytes, ttlMs } = write;
    if ((this.#find(id)?.version ?? null) !== write.version) return Promise.resolve(null);
    const version = String(++this.#versions);
    this.#keep(id, { bytes: new Uint8Array(bytes), version, expiresAt: this.#now() + ttlMs });
    return Promise.resolve(version);
  }

  /** Lets a session live on. */
  touch(id: string, ttlMs: number): Promise<boolean> {
    const kept = this.#find(id);
    if (kept !== null) this.#keep(id, { ...kept, expiresAt: this.#now() + ttlMs });
    return Promise.resolve(kept !== null);
  }

  /** Deletes a session. */
  delete(id: string, options: { version?: string } = {}): Promise<boolean> {
    const kept = this.#find(id);
    const isMeant = kept !== null && (options.version ?? kept.version) === kept.version;
    return Promise.resolve(isMeant && this.#sessions.delete(id));
  }

  /** Does nothing. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #now(): number {
    return this.#clock.wallMs();
  }

  #find(id: string): Kept | null {
    const kept = this.#sessions.get(id);
    if (kept === undefined) return null;
    if (kept.expiresAt > this.#now()) return kept;
    this.#sessions.delete(id);
    return null;
  }

  #keep(id: string, kept: Kept): void {
    this.#sessions.delete(id);
    this.#sessions.set(id, kept);
    if (this.#sessions.size <= this.#maxSessions) return;
    const [oldest] = this.#sessions.keys();
    this.#sessions.delete(oldest!);
  }
}
