import { entriesOf } from "./array.ts";
import type { PhpArray } from "./array.ts";
import { PhpBytes } from "./bytes.ts";
import type { PhpObject } from "./object.ts";
import { parsePropertyName } from "./property_name.ts";

/**
 * The names that the entries of an array have in a plain object.
 *
 * @param array The array.
 * @returns The names in order; `undefined` when names of text cannot tell the keys apart.
 */
export function arrayNames(array: PhpArray): string[] | undefined {
  const entries = entriesOf(array);
  const names: string[] = [];
  let integers = 0;
  for (let place = 0; place < entries.end; place++) {
    if (!entries.has(place)) continue;
    const key = entries.keyAt(place);
    if (key instanceof PhpBytes) return undefined;
    if (typeof key !== "string") integers++;
    names.push(String(key));
  }
  const isMixed = integers > 0 && integers < names.length;
  return !isMixed || new Set(names).size === names.length ? names : undefined;
}

/**
 * The names that the properties of an object have in a plain object: as PHP code writes them. A
 * private property of a parent class whose name is taken goes by `Class::name`.
 *
 * @param object The object.
 * @returns The names in order; `undefined` when names of text cannot tell the properties apart.
 */
export function propertyNames(object: PhpObject): string[] | undefined {
  const entries = entriesOf(object.properties);
  const names = new Set<string>();
  for (let place = 0; place < entries.end; place++) {
    if (!entries.has(place)) continue;
    const { name, visibility, className } = parsePropertyName(entries.keyAt(place));
    if (name instanceof PhpBytes) return undefined;
    const text = String(name);
    const isTaken = visibility === "private" && names.has(text);
    names.add(isTaken ? `${className}::${text}` : text);
  }
  return names.size === entries.size ? [...names] : undefined;
}

/**
 * Gives a plain object a property of its own, whatever its name.
 *
 * @param target The object.
 * @param name The name, which may be `__proto__`.
 * @param value The value.
 */
export function define<T>(target: Record<string, T>, name: string, value: T): void {
  if (name !== "__proto__") {
    target[name] = value;
    return;
  }
  const attributes = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(target, name, attributes);
}
