import type { KvAtomic, KvDatabase, KvEntry, KvKey } from "../../queue/mod.ts";

const TAGS = { object: 1, string: 2, number: 3, bigint: 4, boolean: 5 } as Record<string, number>;

function comparePart(a: KvKey[number], b: KvKey[number]): number {
  const order = TAGS[typeof a] - TAGS[typeof b];
  if (order !== 0) return order;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareKeys(a: KvKey, b: KvKey): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = comparePart(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

interface Stored {
  readonly key: KvKey;
  readonly value: unknown;
  readonly versionstamp: string;
}

/** What goes wrong with a database; every chance is from 0 to 1. */
export interface KvFaults {
  /** How long a read or a write takes. */
  delay: () => Promise<void>;
  /** Whether this write fails, and whether it is stored nevertheless. */
  failWrite: () => "no" | "unwritten" | "written";
  /** Whether this read fails. */
  failRead: () => boolean;
}

/** The error of a database that has failed. */
export class FakeKvError extends TypeError {
  override name = "FakeKvError";
}

/** What is on a disk: it outlives the programs that write to it. */
export class FakeDisk {
  readonly #entries = new Map<string, Stored>();
  #version = 0;
  /** Whether nothing can be written for want of room. */
  full = false;
  /** How many transactions were written. */
  writes = 0;

  get size(): number {
    return this.#entries.size;
  }

  get(key: KvKey): Stored | undefined {
    return this.#entries.get(nameOf(key));
  }

  /** The entries of a range, in the order of their keys. */
  range(isIn: (key: KvKey) => boolean): Stored[] {
    return [...this.#entries.values()].filter(({ key }) => isIn(key))
      .sort((a, b) => compareKeys(a.key, b.key));
  }

  write(changes: readonly { key: KvKey; value?: unknown }[]): string {
    const versionstamp = String(++this.#version).padStart(20, "0");
    for (const { key, value } of changes) {
      if (value === undefined) this.#entries.delete(nameOf(key));
      else this.#entries.set(nameOf(key), { key, value, versionstamp });
    }
    this.writes++;
    return versionstamp;
  }
}

function nameOf(key: KvKey): string {
  return key.map((part) => `${TAGS[typeof part]}${String(part)}`).join("\0");
}

const FAULTLESS: KvFaults = {
  delay: () => Promise.resolve(),
  failWrite: () => "no",
  failRead: () => false,
};

/** A key-value database in memory that keeps the limits of Deno KV, and fails when it is told to. */
export class FakeKv implements KvDatabase {
  readonly #disk: FakeDisk;
  readonly #faults: KvFaults;
  #closed = false;
  #killed = false;

  constructor(disk: FakeDisk, faults: Partial<KvFaults> = {}) {
    this.#disk = disk;
    this.#faults = { ...FAULTLESS, ...faults };
  }

  async get(key: KvKey): Promise<KvEntry> {
    await this.#read();
    const { value = null, versionstamp = null } = this.#disk.get(key) ?? {};
    return { key, value: clone(value), versionstamp };
  }

  async *list(
    selector: { prefix: KvKey } | { start: KvKey; end: KvKey },
    options: { limit?: number; batchSize?: number } = {},
  ): AsyncIterable<KvEntry> {
    const { limit = Infinity, batchSize = 100 } = options;
    if (batchSize > 1000) throw new TypeError("Entries requested exceed the limit of 1000");
    const isIn = "prefix" in selector
      ? (key: KvKey) =>
        key.length > selector.prefix.length &&
        selector.prefix.every((part, i) => comparePart(part, key[i]) === 0)
      : (key: KvKey) => compareKeys(key, selector.start) >= 0 && compareKeys(key, selector.end) < 0;
    await this.#read();
    let count = 0;
    for (const entry of this.#disk.range(isIn)) {
      if (count++ >= limit) return;
      if (count % batchSize === 0) await this.#read();
      // What was deleted between two batches is not seen.
      const now = this.#disk.get(entry.key);
      if (now !== undefined) yield { ...now, value: clone(now.value) };
    }
  }

  atomic(): KvAtomic {
    const checks: { key: KvKey; versionstamp: string | null }[] = [];
    const changes: { key: KvKey; value?: unknown }[] = [];
    const atomic: KvAtomic = {
      check(...more) {
        checks.push(...more);
        return atomic;
      },
      set(key, value) {
        changes.push({ key, value: clone(value) });
        return atomic;
      },
      delete(key) {
        changes.push({ key });
        return atomic;
      },
      commit: () => this.#commit(checks, changes),
    };
    return atomic;
  }

  close(): void {
    this.#closed = true;
  }

  /** Ends the program that uses the database: what it waits for never comes. */
  kill(): void {
    this.#killed = true;
  }

  async #read(): Promise<void> {
    this.#assertOpen();
    await this.#pass();
    if (this.#faults.failRead()) throw new FakeKvError("The disk can't be read");
  }

  async #commit(
    checks: readonly { key: KvKey; versionstamp: string | null }[],
    changes: readonly { key: KvKey; value?: unknown }[],
  ): Promise<{ ok: true; versionstamp: string } | { ok: false }> {
    this.#assertOpen();
    checkLimits(checks.length, changes);
    await this.#pass();
    for (const { key, versionstamp } of checks) {
      if ((this.#disk.get(key)?.versionstamp ?? null) !== versionstamp) return { ok: false };
    }
    const failure = this.#faults.failWrite();
    if (this.#disk.full) throw new FakeKvError("The database or disk is full");
    if (failure === "unwritten") throw new FakeKvError("The disk can't be written");
    const versionstamp = this.#disk.write(changes);
    await this.#pass();
    if (failure === "written") throw new FakeKvError("The disk may have been written");
    return { ok: true, versionstamp };
  }

  async #pass(): Promise<void> {
    await this.#faults.delay();
    if (this.#killed) await new Promise(() => {});
    this.#assertOpen();
  }

  #assertOpen(): void {
    if (this.#closed) throw new FakeKvError("The database is closed");
  }
}

function clone(value: unknown): unknown {
  return value instanceof Uint8Array ? value.slice() : structuredClone(value);
}

function checkLimits(
  checks: number,
  changes: readonly { key: KvKey; value?: unknown }[],
): void {
  let total = 0;
  for (const { key, value } of changes) {
    const size = value instanceof Uint8Array ? value.length : 100;
    if (size > 65_536) throw new TypeError("Value too large (max 65536 bytes)");
    total += size + nameOf(key).length;
  }
  if (checks > 100) throw new TypeError("Too many checks (max 100)");
  if (changes.length > 1000) throw new TypeError("Too many mutations (max 1000)");
  if (total > 819_200) throw new TypeError("Total mutation size too large (max 819200 bytes)");
}
