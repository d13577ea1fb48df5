import type { Entries } from "./_entries.ts";
import { PhpReference } from "./reference.ts";
import type { PhpSlot } from "./value.ts";

/** A payload that was left as it is: numbers after it may be off by the values that it holds. */
interface Opaque {
  /** The number of its object. */
  readonly slot: number;
  readonly start: number;
  readonly end: number;
}

const text = new TextDecoder("windows-1252");

/**
 * The numbers of the values of a document. A number leads to the place where the value stands and
 * not to the value, because a later `R:` makes a reference of that place.
 */
export class SlotTable {
  readonly #bytes: Uint8Array;
  readonly #owners: Entries[] = [];
  readonly #places: number[] = [];
  readonly #repeats = new Set<number>();
  readonly #opaque: Opaque[] = [];
  #examined = 0;
  #lastCertain = Infinity;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The last number that was given. */
  get last(): number {
    return this.#owners.length;
  }

  /** Gives the next number to the place at the end of some entries. */
  add(owner: Entries): void {
    this.#owners.push(owner);
    this.#places.push(owner.end);
  }

  /** What stands at a number that was given. */
  slotAt(number: number): PhpSlot {
    return this.#owners[number - 1]!.slotAt(this.#places[number - 1]!);
  }

  /** Makes a reference of what stands at a number that was given. */
  share(number: number): PhpReference {
    const slot = this.slotAt(number);
    if (slot instanceof PhpReference) return slot;
    const reference = new PhpReference(slot);
    this.#owners[number - 1]!.replace(this.#places[number - 1]!, reference);
    return reference;
  }

  /** Says that an object at the last number stood somewhere before. */
  repeat(): void {
    this.#repeats.add(this.last);
  }

  /** Whether the object at a number stood somewhere before. */
  isRepeat(number: number): boolean {
    return this.#repeats.has(number);
  }

  /** Takes back the numbers after an object's own, as its payload turned out to be opaque. */
  forget(slot: number, start: number, end: number): void {
    for (let number = this.last; number > slot && this.#repeats.size > 0; number--) {
      this.#repeats.delete(number);
    }
    this.#owners.length = slot;
    this.#places.length = slot;
    while (this.#opaque.length > 0 && this.#opaque.at(-1)!.start >= start) this.#opaque.pop();
    this.#examined = Math.min(this.#examined, this.#opaque.length);
    this.#opaque.push({ slot, start, end });
  }

  /** Whether a number comes after an opaque payload that seems to hold values of its own. */
  isUncertain(number: number): boolean {
    for (; this.#examined < this.#opaque.length; this.#examined++) {
      const { slot, start, end } = this.#opaque[this.#examined]!;
      const mayCount = slot < this.#lastCertain && mayHoldValues(this.#bytes.subarray(start, end));
      if (mayCount) this.#lastCertain = slot;
    }
    return number > this.#lastCertain;
  }
}

function mayHoldValues(bytes: Uint8Array): boolean {
  return /N;|[bdirR]:[-+.\dIN]|[asCEO]:\d+:/.test(text.decode(bytes));
}
