import type { ModstampStore } from "./store.ts";

/**
 * Keeps values as long as the process lives.
 *
 * @example Values survive a server, not the process
 * ```ts
 * import { MemoryModstampStore } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * const store = new MemoryModstampStore();
 * await store.commit(new Map([["test", Uint8Array.of(1)]]));
 * const ids: string[] = [];
 * await store.load((id) => ids.push(id));
 * assertEquals(ids, ["test"]);
 * ```
 */
export class MemoryModstampStore implements ModstampStore {
  readonly #values = new Map<string, Uint8Array>();

  /** Reads all values. */
  load(onValue: (id: string, value: Uint8Array) => void): Promise<void> {
    for (const [id, value] of this.#values) onValue(id, value);
    return Promise.resolve();
  }

  /** Keeps the changes. */
  commit(changes: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const [id, value] of changes) {
      if (value.length === 0) this.#values.delete(id);
      else this.#values.set(id, value);
    }
    return Promise.resolve();
  }

  /** Does nothing. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
