import { Entries } from "./_entries.ts";
import { normalizeKey } from "./key.ts";
import type { PhpKey } from "./key.ts";
import { dereference, PhpReference } from "./reference.ts";
import type { PhpSlot, PhpValue } from "./value.ts";

/** Gives the storage of an array; for the codecs of this folder. */
export let entriesOf: (array: PhpArray) => Entries;

/**
 * An array of PHP: an ordered map whose keys are integers and strings. Keys are taken as they are:
 * `1` and `"1"` differ. Reading looks through references and writing goes through them, as in PHP.
 *
 * An array is a value: one that stands in two places is written twice. To share it, put a
 * {@link PhpReference} to it in both.
 *
 * @example An ordered map
 * ```ts
 * import { encode, PhpArray } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * const array = new PhpArray([["name", "Zoë"], [7, true]]);
 * array.set("name", "Bob").set("age", 30);
 * array.delete(7);
 *
 * assertEquals([...array], [["name", "Bob"], ["age", 30]]);
 * assertEquals(
 *   new TextDecoder().decode(encode(array)),
 *   'a:2:{s:4:"name";s:3:"Bob";s:3:"age";i:30;}',
 * );
 * ```
 */
export class PhpArray implements Iterable<[PhpKey, PhpValue]> {
  readonly #entries = new Entries();

  static {
    entriesOf = (array) => array.#entries;
  }

  /**
   * Makes an array of entries.
   *
   * @param entries Keys and what stands under them, in order; a later one wins over an earlier.
   * @throws {TypeError} When a key is neither an integer nor a string.
   * @throws {RangeError} When a key is a number that is no safe integer, or beyond 64 bits.
   */
  constructor(entries: Iterable<readonly [PhpKey, PhpSlot]> = []) {
    for (const [key, slot] of entries) this.set(key, slot);
  }

  /**
   * Makes an array with the keys 0, 1, 2 and so on.
   *
   * @example A list
   * ```ts
   * import { PhpArray } from "@sluice/sluice/php";
   * import { assertEquals } from "@std/assert";
   *
   * assertEquals([...PhpArray.list(["a", "b"])], [[0, "a"], [1, "b"]]);
   * ```
   *
   * @param slots What the list holds.
   * @returns The array.
   */
  static list(slots: Iterable<PhpSlot>): PhpArray {
    const array = new PhpArray();
    for (const slot of slots) array.#entries.append(array.#entries.end, slot);
    return array;
  }

  /** How many entries there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether the keys are 0, 1, 2 and so on in this order; an empty array is a list. */
  get isList(): boolean {
    return this.#entries.isList;
  }

  /**
   * Tells whether there is an entry.
   *
   * @param key The key.
   * @returns Whether it is there.
   */
  has(key: PhpKey): boolean {
    return this.#entries.find(normalizeKey(key)) !== -1;
  }

  /**
   * Reads a value, through a reference if one stands there.
   *
   * @param key The key.
   * @returns The value; `undefined` when there is no entry.
   */
  get(key: PhpKey): PhpValue | undefined {
    const slot = this.#slot(key);
    return slot === undefined ? undefined : dereference(slot);
  }

  /**
   * Gives the reference that stands under a key.
   *
   * @param key The key.
   * @returns The reference; `undefined` when a plain value stands there, or nothing.
   */
  getReference(key: PhpKey): PhpReference | undefined {
    const slot = this.#slot(key);
    return slot instanceof PhpReference ? slot : undefined;
  }

  /**
   * Writes a value: in place when the key is there, otherwise at the end. A value goes into the
   * reference that stands there, if one does; a reference takes its place.
   *
   * @param key The key.
   * @param slot A value, or a reference to share.
   * @returns This array.
   * @throws {TypeError} When the key is neither an integer nor a string.
   * @throws {RangeError} When the key is a number that is no safe integer, or beyond 64 bits.
   */
  set(key: PhpKey, slot: PhpSlot): this {
    const normalized = normalizeKey(key);
    const place = this.#entries.find(normalized);
    if (place === -1) {
      this.#entries.append(normalized, slot);
      return this;
    }
    const current = this.#entries.slotAt(place);
    if (current instanceof PhpReference && !(slot instanceof PhpReference)) current.value = slot;
    else this.#entries.replace(place, slot);
    return this;
  }

  /**
   * Removes an entry; a reference that stood there lives on in its other places.
   *
   * @param key The key.
   * @returns Whether it was there.
   */
  delete(key: PhpKey): boolean {
    const place = this.#entries.find(normalizeKey(key));
    if (place === -1) return false;
    this.#entries.remove(place);
    return true;
  }

  /**
   * Goes over the keys in order.
   *
   * @returns An iterator, which must not outlive a removal.
   */
  *keys(): IterableIterator<PhpKey> {
    for (const [key] of this) yield key;
  }

  /**
   * Goes over the values in order, through references.
   *
   * @returns An iterator, which must not outlive a removal.
   */
  *values(): IterableIterator<PhpValue> {
    for (const [, value] of this) yield value;
  }

  /**
   * Goes over keys and values in order, through references.
   *
   * @returns An iterator, which must not outlive a removal.
   */
  *[Symbol.iterator](): IterableIterator<[PhpKey, PhpValue]> {
    const entries = this.#entries;
    for (let place = 0; place < entries.end; place++) {
      if (entries.has(place)) yield [entries.keyAt(place), dereference(entries.slotAt(place))];
    }
  }

  #slot(key: PhpKey): PhpSlot | undefined {
    const place = this.#entries.find(normalizeKey(key));
    return place === -1 ? undefined : this.#entries.slotAt(place);
  }
}
