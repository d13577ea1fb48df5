import type { PhpSlot, PhpValue } from "./value.ts";

/**
 * A variable that several places share, as `&` makes one in PHP: assigning to one of the places
 * changes all. Where it appears first its value is written, and `R:` with a number elsewhere.
 *
 * Objects need none: an object that stands in several places is one object in PHP and here.
 *
 * @example Two names of one variable
 * ```ts
 * import { encode, PhpArray, PhpReference } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * const shared = new PhpReference(1);
 * const array = new PhpArray([["a", shared], ["b", shared]]);
 * array.set("a", 2);
 *
 * assertEquals(array.get("b"), 2);
 * assertEquals(new TextDecoder().decode(encode(array)), 'a:2:{s:1:"a";i:2;s:1:"b";R:2;}');
 * ```
 */
export class PhpReference {
  #value: PhpValue;

  /**
   * Makes a variable to be shared.
   *
   * @param value Its value.
   * @throws {TypeError} When the value is a reference itself.
   */
  constructor(value: PhpValue) {
    this.#value = refuseReference(value);
  }

  /** The value of the variable; setting it to a reference is a `TypeError`. */
  get value(): PhpValue {
    return this.#value;
  }

  set value(value: PhpValue) {
    this.#value = refuseReference(value);
  }
}

function refuseReference(value: PhpSlot): PhpValue {
  if (!(value instanceof PhpReference)) return value;
  throw new TypeError("Cannot refer to a reference: share the reference itself");
}

/**
 * Looks through a reference.
 *
 * @example With and without a reference
 * ```ts
 * import { dereference, PhpReference } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dereference(new PhpReference("a")), "a");
 * assertEquals(dereference("a"), "a");
 * ```
 *
 * @param slot A value, or a reference to one.
 * @returns The value.
 */
export function dereference(slot: PhpSlot): PhpValue {
  return slot instanceof PhpReference ? slot.value : slot;
}
