import type { EventLoop, RandomSource } from "../../../loop/mod.ts";
import { type ModstampStore, StoreError } from "../../../modstamp/mod.ts";

/** What survives a crash of the server. */
export class Disk {
  /** The values by id. */
  readonly values: Map<string, string> = new Map();
  /** How likely a commit fails. */
  failure = 0;

  /** The value of `id`, empty for none. */
  read(id: string): string {
    return this.values.get(id) ?? "";
  }
}

/**
 * A store on a simulated disk: slow, sometimes failing. A commit that fails or
 * that a crash cuts off may have been written or not, or in part.
 */
export class DiskStore implements ModstampStore {
  /** The ids of the commit that ended last, if it was well. */
  committed: ReadonlySet<string> = new Set();
  readonly #disk: Disk;
  readonly #loop: EventLoop;
  readonly #random: RandomSource;

  constructor(disk: Disk, { loop, random }: { loop: EventLoop; random: RandomSource }) {
    this.#disk = disk;
    this.#loop = loop;
    this.#random = random;
  }

  load(onValue: (id: string, value: Uint8Array) => void): Promise<void> {
    for (const [id, value] of this.#disk.values) onValue(id, new TextEncoder().encode(value));
    return Promise.resolve();
  }

  async commit(changes: ReadonlyMap<string, Uint8Array>): Promise<void> {
    this.committed = new Set();
    await this.#loop.sleep(1 + this.#random.next() * 150);
    const fails = this.#random.next() < this.#disk.failure;
    const written = fails ? Math.floor(this.#random.next() * (changes.size + 1)) : changes.size;
    for (const [id, value] of [...changes].slice(0, written)) {
      if (value.length === 0) this.#disk.values.delete(id);
      else this.#disk.values.set(id, new TextDecoder().decode(value));
    }
    await this.#loop.sleep(this.#random.next() * 20);
    if (fails) throw new StoreError("Cannot write as the disk fails", { store: "disk" });
    this.committed = new Set(changes.keys());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
