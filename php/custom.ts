import type { Entries } from "./_entries.ts";
import type { PhpString } from "./bytes.ts";
import { checkClassName } from "./name.ts";
import type { PhpSlot } from "./value.ts";

/** What decoding finds out about a payload, and encoding needs. */
export interface CustomOrigin {
  /** Holds the one value that the payload is, if it is one. */
  readonly inner: Entries | null;
  /** The number of the object in its document; `null` when it was in none. */
  readonly slot: number | null;
}

/** Says where an object comes from; for the codecs of this folder. */
export let setOrigin: (custom: PhpCustom, origin: CustomOrigin) => void;
/** Tells where an object comes from; for the codecs of this folder. */
export let originOf: (custom: PhpCustom) => CustomOrigin | null;

/**
 * An object whose class serializes itself (`C:`, the `Serializable` interface of older PHP). Its
 * payload is bytes that only that class understands.
 *
 * Most such classes call `serialize()` for their payload, and its values then share the numbering
 * of the document: references lead into the payload and out of it. A payload that is exactly one
 * serialized value is therefore read as part of the document, see {@link PhpCustom.value}.
 *
 * @example A payload
 * ```ts
 * import { decode, encode, PhpCustom } from "@sluice/sluice/php";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode('C:4:"Note":10:{s:3:"abc";}');
 * const result = decode(bytes);
 * assert(result.ok && result.value instanceof PhpCustom);
 * assertEquals(result.value.value, "abc");
 * assertEquals(encode(result.value), bytes);
 * ```
 */
export class PhpCustom {
  /** The name of the class, namespace included. */
  readonly className: PhpString;
  /** The payload as it was read or given. */
  readonly payload: Uint8Array;
  #origin: CustomOrigin | null = null;

  static {
    setOrigin = (custom, origin) => custom.#origin = origin;
    originOf = (custom) => custom.#origin;
  }

  /**
   * Makes an object of its payload. References in it count from its own start, as `encode()` writes
   * them, and are numbered anew for the document that the object is written to.
   *
   * @param className The name of the class, namespace included.
   * @param payload What the class would return from `serialize()`; not copied.
   * @throws {SyntaxError} When PHP wouldn't take the name for one of a class.
   */
  constructor(className: PhpString, payload: Uint8Array) {
    this.className = checkClassName(className);
    this.payload = payload;
  }

  /** What the payload that was read holds; `undefined` when it isn't exactly one value. */
  get value(): PhpSlot | undefined {
    return this.#origin?.inner?.slotAt(0);
  }
}
