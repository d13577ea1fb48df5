import type { SessionCodec, SessionDocument } from "./session_codec.ts";
import { SessionConflictError, SessionFormatError, SessionGoneError } from "./session_error.ts";
import { newSessionId } from "./session_id.ts";
import type { SessionBackend } from "./session_backend.ts";
import type { StoredSession } from "./session_store.ts";

/** A variable that was deleted. */
const DELETED = Symbol("deleted");

type Changes = Map<string, unknown>;

/** What a session is made of. */
export interface SessionOrigin {
  /** Its id. */
  readonly id: string;
  /** What the store has, or `null` when it has nothing. */
  readonly stored: StoredSession | null;
}

/** Options of {@linkcode Session.regenerate}. */
export interface RegenerateOptions {
  /**
   * Whether to begin without variables.
   *
   * @default {false}
   */
  clear?: boolean;
}

/**
 * The session of a web application, to be read and written. It is a copy:
 * what others write is seen after {@linkcode reload} and {@linkcode save}, and
 * `save` writes nothing but what was set and deleted here, so that neither
 * side's changes are lost. Of two who set the same variable the later one wins.
 *
 * {@linkcode get} gives copies: a change of them has to be {@linkcode set}.
 */
export class Session {
  readonly #backend: SessionBackend;
  #id: string;
  #document: SessionDocument;
  #version: string | null;
  #existed: boolean;
  #changes: Changes = new Map();
  #destroyed = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @ignore Use {@linkcode Sessions.open} or {@linkcode Sessions.create}. */
  constructor(backend: SessionBackend, origin: SessionOrigin) {
    this.#backend = backend;
    this.#id = origin.id;
    this.#document = documentOf(backend.codec, origin.stored);
    this.#version = origin.stored?.version ?? null;
    this.#existed = origin.stored !== null;
  }

  /** Its id; another one after {@linkcode regenerate}. */
  get id(): string {
    return this.#id;
  }

  /** Whether it was never stored. */
  get isNew(): boolean {
    return !this.#existed;
  }

  /** Whether something was set or deleted that is not saved. */
  get isChanged(): boolean {
    return this.#changes.size > 0;
  }

  /** The names of the variables. */
  keys(): string[] {
    return this.#document.keys();
  }

  /** Whether there is a variable. */
  has(key: string): boolean {
    return this.#document.has(key);
  }

  /** A copy of a variable, or `undefined` when there is none. */
  get(key: string): unknown {
    return this.#document.get(key);
  }

  /**
   * Sets a variable to a copy of a value; it is stored by {@linkcode save}.
   *
   * @throws {TypeError} When sessions of this kind can't hold such a value.
   */
  set(key: string, value: unknown): void {
    const frozen = this.#backend.codec.freeze(key, value);
    this.#document.put(key, frozen);
    this.#changes.set(key, frozen);
  }

  /**
   * Deletes a variable.
   *
   * @returns Whether it was there.
   */
  delete(key: string): boolean {
    const isThere = this.#document.has(key);
    this.#document.delete(key);
    if (isThere || this.#changes.has(key)) this.#changes.set(key, DELETED);
    return isThere;
  }

  /**
   * Reads what others wrote; what was changed here stays changed.
   *
   * @throws {SessionGoneError} When it is not there any more.
   * @throws {SessionStoreError} When the store can't be read.
   */
  reload(): Promise<void> {
    return this.#enqueue(async () => {
      if (!this.#existed) return;
      this.#adopt(await this.#read());
      apply(this.#changes, this.#document);
    });
  }

  /**
   * Stores what was set and deleted, or lets an unchanged session live on.
   *
   * @throws {SessionGoneError} When it was destroyed or has expired.
   * @throws {SessionConflictError} When others wrote it all the time; the changes are kept.
   * @throws {RangeError} When it has become too big.
   * @throws {SessionStoreError} When the store fails; the changes are kept.
   */
  save(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#destroyed) throw new SessionGoneError();
      const { store } = this.#backend;
      if (this.#existed && this.#changes.size === 0) {
        if (!await store.touch(this.#id, this.#ttlMs())) throw new SessionGoneError();
        this.#version = null;
        return;
      }
      await this.#commit(this.#id);
    });
  }

  /**
   * Gives the session another id, under which it is stored at once, and makes
   * the old one worthless: to be done when a user logs in. Connections that are
   * open keep the old id, and can save no more.
   *
   * @param options See {@linkcode RegenerateOptions}.
   * @returns The new id.
   * @throws What {@linkcode save} throws.
   */
  regenerate(options: RegenerateOptions = {}): Promise<string> {
    return this.#enqueue(async () => {
      if (this.#destroyed) throw new SessionGoneError();
      const id = newSessionId(this.#backend.random);
      if (options.clear === true) {
        for (const key of this.keys()) this.#changes.set(key, DELETED);
        const kept = this.#backend.codec.empty().keys();
        for (const key of kept) this.#changes.delete(key);
        apply(this.#changes, this.#document);
      }
      await this.#commit(id);
      return id;
    });
  }

  /** Deletes the session; it can't be saved any more. */
  destroy(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#backend.store.delete(this.#id);
      this.#destroyed = true;
    });
  }

  /** One after the other: each works on what the one before has left. */
  #enqueue<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#last.then(run);
    const settled = (): void => undefined;
    this.#last = result.then(settled, settled);
    return result;
  }

  #ttlMs(): number {
    return this.#document.maxAgeMs ?? this.#backend.ttlMs;
  }

  async #read(): Promise<StoredSession> {
    const stored = await this.#backend.store.read(this.#id);
    if (stored === null) throw new SessionGoneError();
    return stored;
  }

  #adopt(stored: StoredSession): void {
    this.#document = documentOf(this.#backend.codec, stored);
    this.#version = stored.version;
    this.#existed = true;
  }

  async #commit(id: string): Promise<void> {
    const changes = this.#changes;
    this.#changes = new Map();
    try {
      const written = await this.#backend.turns.run(this.#id, () => this.#write(id, changes));
      this.#id = id;
      this.#adopt(written);
      apply(this.#changes, this.#document);
    } catch (error) {
      this.#changes = new Map([...changes, ...this.#changes]);
      throw error;
    }
  }

  async #write(id: string, changes: Changes): Promise<StoredSession> {
    const { store, maxAttempts, codec } = this.#backend;
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const isKnown = attempt === 0 && (!this.#existed || this.#version !== null);
      const base = isKnown ? null : await store.read(this.#id);
      if (base === null && !isKnown && this.#existed) throw new SessionGoneError();
      const document = isKnown ? this.#document : documentOf(codec, base);
      if (!isKnown) apply(changes, document);
      const version = isKnown ? this.#version : base?.version ?? null;
      const written = await this.#writeOnce(id, { document, version });
      if (written !== null) return written;
    }
    throw new SessionConflictError(maxAttempts);
  }

  async #writeOnce(
    id: string,
    base: { document: SessionDocument; version: string | null },
  ): Promise<StoredSession | null> {
    const { store, maxBytes, ttlMs } = this.#backend;
    const bytes = base.document.encode();
    if (bytes.length > maxBytes) {
      throw new RangeError(`Cannot save session as it has ${bytes.length} of ${maxBytes} bytes`);
    }
    const isMove = id !== this.#id;
    const version = await store.write(id, {
      bytes,
      version: isMove ? null : base.version,
      ttlMs: base.document.maxAgeMs ?? ttlMs,
    });
    if (version === null) return null;
    if (!isMove || base.version === null) return { bytes, version };
    // What others wrote under the old id meanwhile has to move, too.
    if (await store.delete(this.#id, { version: base.version })) return { bytes, version };
    await store.delete(id);
    return null;
  }
}

function apply(changes: Changes, document: SessionDocument): void {
  for (const [key, frozen] of changes) {
    if (frozen === DELETED) document.delete(key);
    else document.put(key, frozen);
  }
}

function documentOf(codec: SessionCodec, stored: StoredSession | null): SessionDocument {
  if (stored === null) return codec.empty();
  const result = codec.decode(stored.bytes);
  if (result.ok) return result.document;
  throw new SessionFormatError(result.reason, { codec: codec.name });
}
