import { checkChange } from "./_check_change.ts";
import { RecentVersions } from "./_recent_versions.ts";
import { ValueListeners } from "./_value_listeners.ts";
import { EMPTY, sameBytes } from "./_value_table.ts";
import type { ModstampSource, ValueListener } from "./source.ts";
import { type ModstampStore, StoreError } from "./store.ts";

/** Options of {@linkcode StoreSource.open}. */
export interface StoreSourceOptions {
  /**
   * Most ids with a value.
   *
   * @default {1_048_576}
   */
  maxIds?: number;
  /**
   * Most changes that wait for the store.
   *
   * @default {2048}
   */
  maxWaiting?: number;
}

/** Changes that become durable together. */
interface Group {
  readonly values: Map<string, Uint8Array>;
  readonly done: PromiseWithResolvers<void>;
  size: number;
}

/**
 * The modstamps of a store, for a gateway without a server of the protocol: it
 * needs no socket. Several of them on a store that several can share are one.
 *
 * @example Change a value and hear of it
 * ```ts
 * import { MemoryModstampStore, StoreSource } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * await using source = await StoreSource.open(new MemoryModstampStore());
 * const seen: string[] = [];
 * using _watch = source.watch((id) => seen.push(id));
 * await source.change(new Map([["prices", Uint8Array.of(1)]]));
 * assertEquals(seen, ["prices"]);
 * assertEquals(source.value("prices"), Uint8Array.of(1));
 * ```
 */
export class StoreSource implements ModstampSource, AsyncDisposable {
  readonly #store: ModstampStore;
  readonly #values = new Map<string, Uint8Array>();
  readonly #listeners = new ValueListeners();
  readonly #versions: RecentVersions | null;
  readonly #maxIds: number;
  readonly #maxWaiting: number;
  /** Ids of which the store may hold another value than is served, after a failed write. */
  readonly #doubtful = new Set<string>();
  #filling: Group | null = null;
  #writing: Promise<void> | null = null;
  #ignored = 0;
  #closed = false;

  private constructor(store: ModstampStore, options: StoreSourceOptions) {
    this.#store = store;
    this.#versions = store.subscribe === undefined ? null : new RecentVersions();
    this.#maxIds = options.maxIds ?? 1_048_576;
    this.#maxWaiting = options.maxWaiting ?? 2048;
  }

  /**
   * Reads what a store holds.
   *
   * @param store The store, which nobody else uses in this process; it is not closed with it.
   * @param options See {@linkcode StoreSourceOptions}.
   * @throws {RangeError} When it holds too many ids.
   * @throws {StoreError} When it can't be read.
   */
  static async open(store: ModstampStore, options: StoreSourceOptions = {}): Promise<StoreSource> {
    const source = new StoreSource(store, options);
    store.subscribe?.((changes, version) => source.#adopt(changes, version));
    await store.load((id, value) => source.#restore(id, value));
    return source;
  }

  /** How many changes of others were ignored, as there were too many ids. */
  get ignored(): number {
    return this.#ignored;
  }

  /** The durable value of `id`; `undefined` when it has none. */
  value(id: string): Uint8Array | undefined {
    return this.#values.get(id)?.slice();
  }

  /**
   * Changes values. What comes while the store writes is written together.
   *
   * @param changes The new values by id; an empty one deletes.
   * @returns Once they are durable.
   * @throws {RangeError} When an id or a value is invalid.
   * @throws {StoreError} When they could not be stored, too much waits, or the source is closed.
   */
  async change(changes: ReadonlyMap<string, Uint8Array>): Promise<void> {
    if (this.#closed) throw refusal("the source is closed");
    for (const [id, value] of changes) checkChange(id, value);
    if (changes.size === 0) return;
    const group = this.#filling ??= { values: new Map(), done: Promise.withResolvers(), size: 0 };
    const isNew = (id: string): boolean => !this.#values.has(id) && !group.values.has(id);
    const added = [...changes.keys()].filter(isNew).length;
    if (added > 0 && this.#values.size + group.values.size + added > this.#maxIds) {
      throw refusal("there are too many ids");
    }
    if (group.size >= this.#maxWaiting) throw refusal("too many changes wait for the store");
    group.size++;
    for (const [id, value] of changes) group.values.set(id, value.slice());
    this.#writing ??= this.#write();
    await group.done.promise;
  }

  /** Has `onChange` called with each new value, whoever has changed it. */
  watch(onChange: ValueListener): Disposable {
    return this.#listeners.add(onChange);
  }

  /** Waits for the changes under way, and takes no more. The store stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What is changed at the same time goes together.
    await Promise.resolve();
    while (this.#filling !== null) {
      const group = this.#filling;
      this.#filling = null;
      if (group.size > 0) await this.#commit(group);
    }
    this.#writing = null;
  }

  async #commit({ values, done }: Group): Promise<void> {
    const all = new Map(Array.from(this.#doubtful, (id) => [id, this.#values.get(id) ?? EMPTY]));
    for (const [id, value] of values) all.set(id, value);
    try {
      const version = await this.#store.commit(all);
      this.#doubtful.clear();
      for (const [id, value] of values) {
        if (this.#versions?.accept(id, version ?? 0) ?? true) this.#set(id, value);
      }
      done.resolve();
    } catch (error) {
      // Where others write too, a value of this process could take the place of a newer one.
      if (this.#versions === null) { for (const id of values.keys()) this.#doubtful.add(id); }
      done.reject(error);
    }
  }

  #adopt(changes: ReadonlyMap<string, Uint8Array>, version: number): void {
    for (const [id, value] of changes) {
      if (!this.#versions!.accept(id, version)) continue;
      if (!this.#values.has(id) && this.#values.size >= this.#maxIds) this.#ignored++;
      else this.#set(id, value);
    }
  }

  #restore(id: string, value: Uint8Array): void {
    if (this.#values.size >= this.#maxIds && !this.#values.has(id)) {
      throw new RangeError(`Cannot load modstamp ${id} as maxIds is ${this.#maxIds}`);
    }
    this.#values.set(id, value);
  }

  #set(id: string, value: Uint8Array): void {
    const before = this.#values.get(id) ?? EMPTY;
    if (value.length === 0) this.#values.delete(id);
    else this.#values.set(id, value);
    if (!sameBytes(before, value)) this.#listeners.tell(id, value);
  }
}

function refusal(reason: string): StoreError {
  return new StoreError(`Cannot change modstamps as ${reason}`, { store: "source" });
}
