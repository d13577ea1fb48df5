import { bytesOf, PhpBytes, phpString } from "./bytes.ts";
import type { PhpString } from "./bytes.ts";
import type { PhpKey } from "./key.ts";

/** What the name of a property in serialized form says. */
export interface PropertyName {
  /** The name as PHP code writes it; an integer when `__serialize()` gave that for a key. */
  readonly name: PhpKey;
  /** Who may use the property. */
  readonly visibility: "public" | "protected" | "private";
  /** The class that declares a private property, which may be a parent of the object's class. */
  readonly className?: PhpString;
}

function split(key: PhpString): [PhpString, PhpString] | undefined {
  if (typeof key === "string") {
    const second = key.startsWith("\0") ? key.indexOf("\0", 1) : -1;
    return second < 2 ? undefined : [key.slice(1, second), key.slice(second + 1)];
  }
  const second = key.bytes[0] === 0 ? key.bytes.indexOf(0, 1) : -1;
  if (second < 2) return undefined;
  return [phpString(key.bytes.subarray(1, second)), phpString(key.bytes.subarray(second + 1))];
}

/**
 * Reads the name of a property: PHP marks a protected one as `"\0*\0name"` and a private one as
 * `"\0Class\0name"`.
 *
 * @example Three visibilities
 * ```ts
 * import { parsePropertyName } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parsePropertyName("x"), { name: "x", visibility: "public" });
 * assertEquals(parsePropertyName("\0*\0x"), { name: "x", visibility: "protected" });
 * assertEquals(
 *   parsePropertyName("\0Point\0x"),
 *   { name: "x", visibility: "private", className: "Point" },
 * );
 * ```
 *
 * @param key The key of the property.
 * @returns What it says.
 */
export function parsePropertyName(key: PhpKey): PropertyName {
  const isString = typeof key === "string" || key instanceof PhpBytes;
  const parts = isString ? split(key) : undefined;
  if (parts === undefined) return { name: key, visibility: "public" };
  const [className, name] = parts;
  if (className === "*") return { name, visibility: "protected" };
  return { name, visibility: "private", className };
}

/**
 * Writes the name of a property as its key.
 *
 * @example A private property
 * ```ts
 * import { formatPropertyName } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   formatPropertyName({ name: "x", visibility: "private", className: "Point" }),
 *   "\0Point\0x",
 * );
 * ```
 *
 * @param property What the key should say.
 * @returns The key.
 * @throws {TypeError} When a private property lacks its class, or isn't named by a string.
 */
export function formatPropertyName(property: PropertyName): PhpKey {
  const { name, visibility, className } = property;
  if (visibility === "public") return name;
  const owner = visibility === "protected" ? "*" : className;
  if (owner === undefined) {
    throw new TypeError("Cannot name a private property: its class is missing");
  }
  if (typeof name !== "string" && !(name instanceof PhpBytes)) {
    throw new TypeError(`Cannot name a ${visibility} property by an integer`);
  }
  if (typeof owner === "string" && typeof name === "string") return `\0${owner}\0${name}`;
  const [ownerBytes, nameBytes] = [bytesOf(owner), bytesOf(name)];
  const bytes = new Uint8Array(ownerBytes.length + nameBytes.length + 2);
  bytes.set(ownerBytes, 1);
  bytes.set(nameBytes, ownerBytes.length + 2);
  return phpString(bytes);
}
