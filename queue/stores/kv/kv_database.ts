/** A key in a key-value database. */
export type KvKey = readonly (Uint8Array | string | number | bigint | boolean)[];

/** What is stored under a key; `null` for both when there is nothing. */
export interface KvEntry {
  /** Its key. */
  readonly key: readonly (KvKey[number] | symbol)[];
  /** Its value. */
  // deno-lint-ignore no-explicit-any -- as Deno.Kv has it
  readonly value: any;
  /** Its version. */
  readonly versionstamp: string | null;
}

/** A transaction that is being put together. */
export interface KvAtomic {
  /** Lets the transaction fail unless the entry has this version. */
  check(...checks: { key: KvKey; versionstamp: string | null }[]): KvAtomic;
  /** Stores a value. */
  set(key: KvKey, value: unknown, options?: { expireIn?: number }): KvAtomic;
  /** Deletes a value. */
  delete(key: KvKey): KvAtomic;
  /** Does it all, or nothing when a check fails. */
  commit(): Promise<{ ok: true; versionstamp: string } | { ok: false }>;
}

/** The parts of `Deno.Kv` that a store needs: another database can take its place. */
export interface KvDatabase {
  /** Reads one entry. */
  get(key: KvKey): Promise<KvEntry>;
  /** Reads entries in the order of their keys. */
  list(
    selector: { prefix: KvKey } | { start: KvKey; end: KvKey },
    options?: { limit?: number; batchSize?: number },
  ): AsyncIterable<KvEntry>;
  /** Begins a transaction. */
  atomic(): KvAtomic;
  /** Closes the database. */
  close(): void;
}
