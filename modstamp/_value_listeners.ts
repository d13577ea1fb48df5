import type { ValueListener } from "./source.ts";

/** Who is told of each new value. */
export class ValueListeners {
  readonly #listeners = new Set<ValueListener>();

  /** Adds a listener; what is returned takes it away again. */
  add(listener: ValueListener): Disposable {
    // One that is given twice is told twice.
    const entry: ValueListener = (id, value) => listener(id, value);
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }

  /** Tells all of them. */
  tell(id: string, value: Uint8Array): void {
    for (const listener of this.#listeners) listener(id, value);
  }
}
