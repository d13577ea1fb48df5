import {
  PhpArray,
  PhpBytes,
  PhpCustom,
  PhpEnum,
  PhpFloat,
  type PhpKey,
  PhpObject,
  PhpReference,
  type PhpSlot,
} from "../../php/mod.ts";

type Shared = PhpReference | PhpObject | PhpCustom | PhpEnum;

/** Goes over an array with its references, which iterating it hides. */
function* slots(array: PhpArray): Iterable<[PhpKey, PhpSlot]> {
  for (const [key, value] of array) yield [key, array.getReference(key) ?? value];
}

function countReferences(slot: PhpSlot, counts: Map<Shared, number>): void {
  const value = slot instanceof PhpReference ? slot.value : slot;
  if (slot instanceof PhpReference) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  if (slot instanceof PhpReference && counts.get(slot)! > 1) return;
  if (value instanceof PhpObject) {
    if (counts.has(value)) return;
    counts.set(value, 1);
    countReferences(value.properties, counts);
  } else if (value instanceof PhpArray) {
    for (const [, each] of slots(value)) countReferences(each, counts);
  }
}

function leaf(value: PhpSlot | PhpKey): string {
  if (value instanceof PhpBytes) return `bytes ${value.bytes}`;
  if (value instanceof PhpFloat) return `float ${value.text}`;
  return `${typeof value} ${JSON.stringify(String(value))}`;
}

/**
 * Describes a value completely: types, order, and which places share an object or a reference. A
 * reference that stands in one place only is as good as its value.
 */
export function trace(slot: PhpSlot): string {
  const counts = new Map<Shared, number>();
  countReferences(slot, counts);
  const numbers = new Map<Shared, number>();
  const shared = (value: Shared, describe: () => string): string => {
    const number = numbers.get(value);
    if (number !== undefined) return `same ${number}`;
    numbers.set(value, numbers.size);
    return `#${numbers.size - 1} ${describe()}`;
  };
  const entries = (array: PhpArray): string =>
    [...slots(array)].map(([key, each]) => `${leaf(key)}: ${visit(each)}`).join(", ");
  const visit = (slot: PhpSlot): string => {
    if (slot instanceof PhpReference) {
      if (counts.get(slot) === 1) return visit(slot.value);
      return shared(slot, () => `reference to ${visit(slot.value)}`);
    }
    if (slot instanceof PhpArray) return `[${entries(slot)}]`;
    if (slot instanceof PhpObject) {
      return shared(slot, () => `${leaf(slot.className)} {${entries(slot.properties)}}`);
    }
    if (slot instanceof PhpEnum) {
      return shared(slot, () => `case ${leaf(slot.className)} ${leaf(slot.caseName)}`);
    }
    if (slot instanceof PhpCustom) {
      return shared(slot, () => `custom ${leaf(slot.className)} ${slot.payload}`);
    }
    return leaf(slot);
  };
  return visit(slot);
}
