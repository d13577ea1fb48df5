import { ManualStore } from "./manual_store.ts";

/** A store that other servers change too. */
export class SharedStore extends ManualStore {
  /** Tells the server what another one has changed. */
  tell: (changes: ReadonlyMap<string, Uint8Array>, version: number) => void = () => {};
  #version = 0;

  subscribe(onChange: SharedStore["tell"]): void {
    this.tell = onChange;
  }

  override async commit(changes: ReadonlyMap<string, Uint8Array>): Promise<number> {
    await super.commit(changes);
    return ++this.#version;
  }

  /** Has another server change a value, which this one is told by {@linkcode tell}. */
  changeElsewhere(id: string, value: string): () => void {
    this.values.set(id, value);
    const version = ++this.#version;
    return () => this.tell(new Map([[id, new TextEncoder().encode(value)]]), version);
  }
}
