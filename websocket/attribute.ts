/**
 * The name and type of something kept with a connection. Each object is a key
 * of its own, so that two components never meet by accident.
 *
 * @example Keep a user with a connection
 * ```ts
 * import { Attribute, Attributes } from "@sluice/sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * const user = new Attribute<{ name: string }>("user");
 * const attributes = new Attributes();
 * attributes.set(user, { name: "Ada" });
 * assertEquals(attributes.get(user)?.name, "Ada");
 * ```
 */
export class Attribute<T> {
  /** What it is called in messages. */
  readonly name: string;
  /** @ignore Carries the type; there is never a value. */
  declare readonly type?: T;

  /**
   * Makes a key.
   *
   * @param name What to call it in messages.
   */
  constructor(name: string) {
    this.name = name;
  }
}

/** What components and applications keep with one connection. */
export class Attributes {
  #values: Map<Attribute<unknown>, unknown> | null = null;

  /** The value of `attribute`, or `undefined` when it was never set. */
  get<T>(attribute: Attribute<T>): T | undefined {
    return this.#values?.get(attribute) as T | undefined;
  }

  /** Whether `attribute` was set. */
  has(attribute: Attribute<unknown>): boolean {
    return this.#values?.has(attribute) ?? false;
  }

  /** Sets `attribute`. */
  set<T>(attribute: Attribute<T>, value: T): void {
    this.#values ??= new Map();
    this.#values.set(attribute, value);
  }

  /**
   * Forgets `attribute`.
   *
   * @returns Whether it was set.
   */
  delete(attribute: Attribute<unknown>): boolean {
    return this.#values?.delete(attribute) ?? false;
  }
}
