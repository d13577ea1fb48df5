import { PhpArray } from "./array.ts";
import type { PhpString } from "./bytes.ts";
import { checkClassName } from "./name.ts";
import { parsePropertyName } from "./property_name.ts";
import type { PhpValue } from "./value.ts";

/**
 * An object of PHP as data: the name of its class and its properties in order. Nothing is ever
 * made an instance of that class. An object that stands in several places is one object in PHP too.
 *
 * @example Properties of all visibilities
 * ```ts
 * import { decode, PhpObject } from "@sluice/sluice/php";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode('O:5:"Point":2:{s:1:"x";i:1;s:4:"\0*\0y";i:2;}');
 * const result = decode(bytes);
 * assert(result.ok && result.value instanceof PhpObject);
 * assertEquals(result.value.className, "Point");
 * assertEquals(result.value.get("y"), 2);
 * assertEquals(result.value.properties.get("\0*\0y"), 2);
 * ```
 */
export class PhpObject {
  /** The name of the class, namespace included. */
  readonly className: PhpString;
  /**
   * The properties under the names that {@link parsePropertyName} reads and
   * {@link formatPropertyName} writes. Where the class has `__serialize()`, what that returned.
   */
  readonly properties: PhpArray;

  /**
   * Makes an object.
   *
   * @param className The name of the class, namespace included.
   * @param properties The properties; the array becomes the object's own.
   * @throws {SyntaxError} When PHP wouldn't take the name for one of a class.
   */
  constructor(className: PhpString, properties: PhpArray = new PhpArray()) {
    this.className = checkClassName(className);
    this.properties = properties;
  }

  /**
   * Reads a property whatever its visibility. When parent classes have private properties of the
   * same name, the public or protected one comes first and then the first in order.
   *
   * @param name The name as PHP code writes it.
   * @returns The value; `undefined` when there is no such property.
   */
  get(name: string): PhpValue | undefined {
    const visible = this.properties.get(name) ?? this.properties.get(`\0*\0${name}`);
    if (visible !== undefined) return visible;
    for (const [key, value] of this.properties) {
      if (parsePropertyName(key).name === name) return value;
    }
    return undefined;
  }
}
