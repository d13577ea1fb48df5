import type { Match } from "./uri.ts";

/** A pattern with wildcards; an empty component stands for any one. */
interface Wildcard<T> {
  readonly components: readonly string[];
  readonly value: T;
}

/** Values by URI and by pattern, found by a URI. */
export class PatternTable<T> {
  readonly #exact = new Map<string, T>();
  readonly #prefixes = new Map<string, T>();
  /** How many prefixes have which length. */
  readonly #lengths = new Map<number, number>();
  /** By the number of their components. */
  readonly #wildcards = new Map<number, Map<string, Wildcard<T>>>();

  /** The value of this very URI or pattern. */
  get(uri: string, match: Match): T | undefined {
    if (match === "exact") return this.#exact.get(uri);
    if (match === "prefix") return this.#prefixes.get(uri);
    return this.#wildcards.get(uri.split(".").length)?.get(uri)?.value;
  }

  /** Adds a value; there must be none of this URI or pattern. */
  add(uri: string, match: Match, value: T): void {
    if (match === "exact") {
      this.#exact.set(uri, value);
    } else if (match === "prefix") {
      this.#prefixes.set(uri, value);
      this.#lengths.set(uri.length, (this.#lengths.get(uri.length) ?? 0) + 1);
    } else {
      const components = uri.split(".");
      const group = this.#wildcards.get(components.length) ?? new Map<string, Wildcard<T>>();
      this.#wildcards.set(components.length, group.set(uri, { components, value }));
    }
  }

  /** Forgets a URI or pattern. */
  delete(uri: string, match: Match): void {
    if (match === "exact") this.#exact.delete(uri);
    else if (match === "wildcard") {
      const count = uri.split(".").length;
      const group = this.#wildcards.get(count);
      if (group?.delete(uri) && group.size === 0) this.#wildcards.delete(count);
    } else if (this.#prefixes.delete(uri)) {
      const count = this.#lengths.get(uri.length)! - 1;
      if (count === 0) this.#lengths.delete(uri.length);
      else this.#lengths.set(uri.length, count);
    }
  }

  /** All that fits: the URI itself, then the longest prefix to the shortest, then wildcards. */
  find(uri: string): T[] {
    const found: T[] = [];
    const exact = this.#exact.get(uri);
    if (exact !== undefined) found.push(exact);
    const lengths = [...this.#lengths.keys()].filter((length) => length <= uri.length);
    for (const length of lengths.sort((a, b) => b - a)) {
      const value = this.#prefixes.get(uri.slice(0, length));
      if (value !== undefined) found.push(value);
    }
    if (this.#wildcards.size === 0) return found;
    const components = uri.split(".");
    const fitting = [...this.#wildcards.get(components.length)?.values() ?? []]
      .filter((each) => each.components.every((text, i) => text === "" || text === components[i]));
    fitting.sort((a, b) => compare(a.components, b.components));
    return [...found, ...fitting.map(({ value }) => value)];
  }
}

/** The one whose first wildcard comes later goes first. */
function compare(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    if ((a[i] === "") !== (b[i] === "")) return a[i] === "" ? 1 : -1;
  }
  return 0;
}
