import { IdTable } from "./_id_table.ts";

/** No value. */
export const EMPTY: Uint8Array = new Uint8Array();

/** The ids of a server and their durable values. */
export class ValueTable {
  /** The numbers of the ids. */
  readonly ids: IdTable;
  readonly #values: (Uint8Array | undefined)[] = [];
  readonly #users: number[] = [];
  readonly #doubtful = new Set<number>();

  constructor(options: { maxIds: number; seed: number }) {
    this.ids = new IdTable(options);
  }

  /** The durable value of `id`, empty for none. */
  get(id: number): Uint8Array {
    return this.#values[id] ?? EMPTY;
  }

  /** The durable value of an id given as text, empty for none. */
  find(name: string): Uint8Array {
    const id = this.ids.findName(name);
    return id < 0 ? EMPTY : this.get(id);
  }

  /**
   * Sets a value that was stored before.
   *
   * @throws {RangeError} When there are more ids than allowed.
   */
  restore(name: string, value: Uint8Array): void {
    const id = this.ids.intern(name);
    if (id < 0) {
      throw new RangeError(`Cannot load modstamp ${name} as maxIds is ${this.ids.count}`);
    }
    this.set(id, value);
  }

  /** Sets the durable value of `id`. */
  set(id: number, value: Uint8Array): void {
    if (this.#doubtful.delete(id)) this.#users[id]--;
    if (value.length > 0) this.#values[id] = value;
    else {
      this.#values[id] = undefined;
      this.releaseIdle(id);
    }
  }

  /** Notes that a change of `id` failed: the store may hold the old value or the new one. */
  doubt(id: number): void {
    if (this.#doubtful.has(id)) return;
    this.#doubtful.add(id);
    this.use(id);
  }

  /** The ids of which the store may hold another value than {@linkcode get} tells. */
  get doubtful(): ReadonlySet<number> {
    return this.#doubtful;
  }

  /** Keeps `id` while it is in use, though it may have no value. */
  use(id: number): void {
    this.#users[id] = (this.#users[id] ?? 0) + 1;
  }

  /** Ends one use of `id`. */
  unuse(id: number): void {
    this.#users[id]--;
    this.releaseIdle(id);
  }

  /** Lets `id` go when it has neither a value nor a use. */
  releaseIdle(id: number): void {
    if ((this.#users[id] ?? 0) === 0 && this.#values[id] === undefined) this.ids.remove(id);
  }
}

/** Whether two values have the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
