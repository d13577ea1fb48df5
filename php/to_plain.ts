import { arrayNames, define, propertyNames } from "./_plain_names.ts";
import { entriesOf, PhpArray } from "./array.ts";
import type { PhpBytes } from "./bytes.ts";
import type { PhpCustom } from "./custom.ts";
import type { PhpEnum } from "./enum.ts";
import { PhpFloat } from "./float.ts";
import { PhpObject } from "./object.ts";
import { dereference } from "./reference.ts";
import type { PhpSlot } from "./value.ts";

/** A plain value of JavaScript; what has no faithful plain form stays the PHP value that it is. */
export type Plain =
  | null
  | boolean
  | number
  | bigint
  | string
  | Plain[]
  | { [name: string]: Plain }
  | PhpBytes
  | PhpArray
  | PhpObject
  | PhpCustom
  | PhpEnum;

/** What {@link toPlain} makes plain. */
export interface ToPlainOptions {
  /**
   * The classes whose objects become plain objects.
   * @default ["stdClass"]
   */
  readonly classes?: Iterable<string>;
}

/** A list or object that is still to be filled. */
interface Task {
  readonly source: PhpArray;
  readonly container: Plain[] | Record<string, Plain>;
  /** Names of the entries; `null` for a list. */
  readonly names: string[] | null;
}

/**
 * Makes a PHP value plain:
 *
 * | PHP | JavaScript |
 * | --- | --- |
 * | null, bool | the same |
 * | int | `number`, or `bigint` when it isn't safe |
 * | float | `number` |
 * | string | `string`, or {@link PhpBytes} when it isn't UTF-8 |
 * | array with the keys 0, 1, 2 … | `Array`; also for an empty array |
 * | any other array | object; stays a {@link PhpArray} when a key isn't UTF-8, or keys are equal as text |
 * | object of a class in `classes` | object, with the names of properties as PHP code writes them |
 * | any other object, enum case | stays {@link PhpObject}, {@link PhpCustom} or {@link PhpEnum} |
 *
 * What is one object or one referenced array in PHP is one in the result too, even when it contains
 * itself. A key `__proto__` is a property like any other.
 *
 * @example An array with an object of an unknown class
 * ```ts
 * import { PhpArray, PhpFloat, PhpObject, toPlain } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * const user = new PhpObject("User");
 * const array = new PhpArray([["n", PhpArray.list([1, new PhpFloat(0.5)])], ["user", user]]);
 * assertEquals(toPlain(array), { n: [1, 0.5], user });
 * assertEquals(toPlain(array, { classes: ["User"] }), { n: [1, 0.5], user: {} });
 * ```
 *
 * @param slot The value.
 * @param options Which classes are made plain.
 * @returns The plain value.
 */
export function toPlain(slot: PhpSlot, options: ToPlainOptions = {}): Plain {
  const conversion = new Conversion(new Set(options.classes ?? ["stdClass"]));
  return conversion.run(slot);
}

class Conversion {
  readonly #classes: ReadonlySet<unknown>;
  readonly #made = new Map<PhpArray | PhpObject, Plain>();
  readonly #tasks: Task[] = [];

  constructor(classes: ReadonlySet<string>) {
    this.#classes = classes;
  }

  run(slot: PhpSlot): Plain {
    const plain = this.#make(slot);
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) {
      this.#fill(task);
    }
    return plain;
  }

  #fill({ source, container, names }: Task): void {
    const entries = entriesOf(source);
    let at = 0;
    for (let place = 0; place < entries.end; place++) {
      if (!entries.has(place)) continue;
      const plain = this.#make(entries.slotAt(place));
      if (names === null) (container as Plain[]).push(plain);
      else define(container as Record<string, Plain>, names[at++]!, plain);
    }
  }

  #make(slot: PhpSlot): Plain {
    const value = dereference(slot);
    if (value instanceof PhpFloat) return value.value;
    if (!(value instanceof PhpArray || value instanceof PhpObject)) return value;
    const made = this.#made.get(value) ?? this.#container(value);
    this.#made.set(value, made);
    return made;
  }

  #container(value: PhpArray | PhpObject): Plain {
    const isArray = value instanceof PhpArray;
    if (!isArray && !this.#classes.has(value.className)) return value;
    const source = isArray ? value : value.properties;
    if (isArray && value.isList) {
      const container: Plain[] = [];
      this.#tasks.push({ source, container, names: null });
      return container;
    }
    const names = isArray ? arrayNames(value) : propertyNames(value);
    if (names === undefined) return value;
    const container: Record<string, Plain> = {};
    this.#tasks.push({ source, container, names });
    return container;
  }
}
