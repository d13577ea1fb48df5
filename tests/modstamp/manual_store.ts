import { type ModstampStore, StoreError } from "../../modstamp/mod.ts";

/** A store whose commits end when the test says so. */
export class ManualStore implements ModstampStore {
  /** What is stored. */
  readonly values = new Map<string, string>();
  /** The changes of the commits so far, as they were when they began. */
  readonly commits: Record<string, string>[] = [];
  #current: PromiseWithResolvers<void> | null = null;

  /** Whether a commit is under way. */
  get busy(): boolean {
    return this.#current !== null;
  }

  load(onValue: (id: string, value: Uint8Array) => void): Promise<void> {
    for (const [id, value] of this.values) onValue(id, new TextEncoder().encode(value));
    return Promise.resolve();
  }

  commit(changes: ReadonlyMap<string, Uint8Array>): Promise<number | void> {
    if (this.busy) {
      throw new StoreError("Cannot commit as a commit is under way", { store: "test" });
    }
    const texts = [...changes].map(([id, value]) => [id, new TextDecoder().decode(value)] as const);
    this.commits.push(Object.fromEntries(texts));
    this.#current = Promise.withResolvers();
    return this.#current.promise;
  }

  /** Ends the commit that is under way. */
  succeed(): void {
    for (const [id, value] of Object.entries(this.commits.at(-1)!)) this.#store(id, value);
    this.#end()!.resolve();
  }

  /** Fails the commit that is under way, of which `stored` got into the store. */
  fail(stored: string[] = []): void {
    for (const id of stored) this.#store(id, this.commits.at(-1)![id]!);
    this.#end()!.reject(new StoreError("Cannot write as the disk is full", { store: "test" }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #store(id: string, value: string): void {
    if (value === "") this.values.delete(id);
    else this.values.set(id, value);
  }

  #end(): PromiseWithResolvers<void> | null {
    const current = this.#current;
    this.#current = null;
    return current;
  }
}
