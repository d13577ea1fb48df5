import { entriesOf, PhpArray } from "./array.ts";
import { PhpBytes, phpString } from "./bytes.ts";
import { PhpCustom } from "./custom.ts";
import { resolveDepth } from "./encode.ts";
import type { EncodeOptions } from "./encode.ts";
import { PhpEnum } from "./enum.ts";
import { PhpFloat } from "./float.ts";
import { normalizeInt, normalizeKey } from "./key.ts";
import type { PhpKey } from "./key.ts";
import { PhpObject } from "./object.ts";
import { PhpReference } from "./reference.ts";
import type { PhpSlot } from "./value.ts";

/** How {@link fromPlain} converts. */
export type FromPlainOptions = EncodeOptions;

/** Text that PHP takes for an integer when it is a key; the range is checked apart. */
const INTEGER_KEY = /^(?:0|-?[1-9]\d{0,18})$/;
const PHP_CLASSES = [PhpArray, PhpBytes, PhpCustom, PhpEnum, PhpFloat, PhpObject, PhpReference];

/**
 * Makes a PHP value of a plain one:
 *
 * | JavaScript | PHP |
 * | --- | --- |
 * | `null`, boolean | the same |
 * | `number` | int when it is a safe integer, otherwise float (also -0, `Infinity`, `NaN`) |
 * | `bigint` | int, within 64 bits |
 * | `string`, `Uint8Array` | string |
 * | `Array` | array with the keys 0, 1, 2 …; `undefined` in it becomes null |
 * | plain object | array; keys such as `"7"` become integers, as in PHP; `undefined` is left out |
 * | `Map` | array with its keys as they are |
 * | PHP values | themselves, so that what `toPlain()` left as it is goes back |
 *
 * Dates and objects of other classes are refused, because PHP has no plain form for them.
 *
 * @example A list and an object
 * ```ts
 * import { encode, fromPlain } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   new TextDecoder().decode(encode(fromPlain({ to: "a@b.c", n: [1, 0.5] }))),
 *   'a:2:{s:2:"to";s:5:"a@b.c";s:1:"n";a:2:{i:0;i:1;i:1;d:0.5;}}',
 * );
 * ```
 *
 * @param value The plain value.
 * @param options How deep it may be nested.
 * @returns The PHP value.
 * @throws {TypeError} When something in it has no counterpart in PHP.
 * @throws {RangeError} When a bigint has more than 64 bits, or the value is nested too deep or
 * contains itself.
 */
export function fromPlain(value: unknown, options: FromPlainOptions = {}): PhpSlot {
  return convert(value, resolveDepth(options));
}

function convert(value: unknown, depthLeft: number): PhpSlot {
  switch (typeof value) {
    case "boolean":
    case "string":
      return value;
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? value : new PhpFloat(value);
    case "bigint":
      return normalizeInt(value);
    case "object":
      return value === null ? null : convertObject(value, depthLeft);
    default:
      throw new TypeError(`Cannot convert a value of type ${typeof value} to PHP`);
  }
}

function convertObject(value: object, depthLeft: number): PhpSlot {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return convertPlain(value, depthLeft);
  if (PHP_CLASSES.some((each) => value instanceof each)) return value as PhpSlot;
  if (value instanceof Uint8Array) return phpString(new Uint8Array(value));
  if (Array.isArray(value)) {
    const left = deeper(depthLeft);
    return PhpArray.list(Array.from(value, (each) => convert(each ?? null, left)));
  }
  if (!(value instanceof Map)) {
    throw new TypeError(`Cannot convert an object of class ${value.constructor?.name} to PHP`);
  }
  const array = new PhpArray();
  const left = deeper(depthLeft);
  for (const [key, each] of value) array.set(normalizeKey(key), convert(each, left));
  return array;
}

function convertPlain(value: object, depthLeft: number): PhpArray {
  const array = new PhpArray();
  const entries = entriesOf(array);
  const left = deeper(depthLeft);
  for (const [name, each] of Object.entries(value)) {
    if (each !== undefined) entries.append(keyOf(name), convert(each, left));
  }
  return array;
}

function deeper(depthLeft: number): number {
  if (depthLeft > 0) return depthLeft - 1;
  throw new RangeError("Cannot convert a value that is nested too deep, or contains itself");
}

function keyOf(name: string): PhpKey {
  if (!INTEGER_KEY.test(name)) return name;
  const key = BigInt(name);
  return BigInt.asIntN(64, key) === key ? normalizeInt(key) : name;
}
