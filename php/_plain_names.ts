import type { PhpArray } from "./array.ts";
import { PhpBytes } from "./bytes.ts";
import type { PhpKey } from "./key.ts";
import type { PhpObject } from "./object.ts";
import { parsePropertyName } from "./property_name.ts";

/**
 * The names that the entries of an array have in a plain object.
 *
 * @param array The array.
 * @returns The names in order; `undefined` when names of text cannot tell the keys apart.
 */
export function arrayNames(array: PhpArray): string[] | undefined {
  return distinct([...array.keys()]);
}

/**
 * The names that the properties of an object have in a plain object: as PHP code writes them. A
 * private property of a parent class whose name is taken goes by `Class::name`.
 *
 * @param object The object.
 * @returns The names in order; `undefined` when names of text cannot tell the properties apart.
 */
export function propertyNames(object: PhpObject): string[] | undefined {
  const taken = new Set<PhpKey>();
  const names: PhpKey[] = [];
  for (const key of object.properties.keys()) {
    const { name, visibility, className } = parsePropertyName(key);
    const isTaken = visibility === "private" && taken.has(name);
    const free = isTaken ? `${className}::${name}` : name;
    taken.add(free);
    names.push(free);
  }
  return distinct(names);
}

function distinct(keys: PhpKey[]): string[] | undefined {
  if (keys.some((key) => key instanceof PhpBytes)) return undefined;
  const names = keys.map(String);
  return new Set(names).size === names.length ? names : undefined;
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
