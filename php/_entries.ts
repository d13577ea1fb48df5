import { keyText, sameKey } from "./key.ts";
import type { PhpKey } from "./key.ts";
import type { PhpSlot } from "./value.ts";

/** Stands where an entry was removed, until the next compaction. */
const HOLE = Symbol("hole");

/** From so many entries on, keys are looked up in a map. */
const INDEX_FROM = 9;

/**
 * The storage behind arrays and objects: entries in order, each at a fixed place while nothing is
 * removed. A list holds no keys, and a small map no index.
 */
export class Entries {
  #slots: (PhpSlot | typeof HOLE)[] = [];
  #keys: PhpKey[] | null = null;
  #index: Map<string, number> | null = null;
  #holes = 0;

  /** How many entries there are. */
  get size(): number {
    return this.#slots.length - this.#holes;
  }

  /** One more than the last place. */
  get end(): number {
    return this.#slots.length;
  }

  /** Whether the keys are 0, 1, 2 and so on, in this order. */
  get isList(): boolean {
    if (this.#keys === null) return true;
    let expected = 0;
    for (let place = 0; place < this.#slots.length; place++) {
      if (this.has(place) && this.#keys[place] !== expected++) return false;
    }
    return true;
  }

  /** Whether an entry stands at a place. */
  has(place: number): boolean {
    return this.#slots[place] !== HOLE;
  }

  /** The slot at a place that has one. */
  slotAt(place: number): PhpSlot {
    return this.#slots[place] as PhpSlot;
  }

  /** The key at a place that has one. */
  keyAt(place: number): PhpKey {
    return this.#keys === null ? place : this.#keys[place]!;
  }

  /** Puts a slot in the place of another. */
  replace(place: number, slot: PhpSlot): void {
    this.#slots[place] = slot;
  }

  /** The place of a normalized key, or -1. */
  find(key: PhpKey): number {
    if (this.#keys === null) {
      return typeof key === "number" && key >= 0 && key < this.#slots.length ? key : -1;
    }
    if (this.#keys.length >= INDEX_FROM) return this.#indexed(this.#keys).get(keyText(key)) ?? -1;
    for (let place = 0; place < this.#keys.length; place++) {
      if (sameKey(this.#keys[place]!, key) && this.has(place)) return place;
    }
    return -1;
  }

  /** Adds an entry at the end under a normalized key; false when the key is there already. */
  append(key: PhpKey, slot: PhpSlot): boolean {
    const place = this.#slots.length;
    if (this.#keys === null && key !== place) {
      if (this.find(key) !== -1) return false;
      this.#keys = Array.from(this.#slots.keys());
    } else if (this.#keys !== null && this.find(key) !== -1) {
      return false;
    }
    this.#keys?.push(key);
    this.#index?.set(keyText(key), place);
    this.#slots.push(slot);
    return true;
  }

  /** Takes the entry away from a place that has one. */
  remove(place: number): void {
    if (this.#keys === null && place === this.#slots.length - 1) {
      this.#slots.pop();
      return;
    }
    this.#keys ??= Array.from(this.#slots.keys());
    this.#index?.delete(keyText(this.#keys[place]!));
    this.#slots[place] = HOLE;
    this.#holes++;
    if (this.#holes > this.#slots.length / 2) this.#compact(this.#keys);
  }

  #indexed(keys: PhpKey[]): Map<string, number> {
    if (this.#index !== null) return this.#index;
    const index = new Map<string, number>();
    for (let place = 0; place < keys.length; place++) {
      if (this.has(place)) index.set(keyText(keys[place]!), place);
    }
    return this.#index = index;
  }

  #compact(keys: PhpKey[]): void {
    this.#keys = keys.filter((_, place) => this.has(place));
    this.#slots = this.#slots.filter((slot) => slot !== HOLE);
    this.#index = null;
    this.#holes = 0;
  }
}
