import {
  PhpArray,
  type PhpBytes,
  PhpCustom,
  PhpEnum,
  PhpFloat,
  type PhpKey,
  PhpObject,
  PhpReference,
  type PhpSlot,
  phpString,
  type PhpValue,
} from "../../php/mod.ts";

const INTEGERS = [0, -1, 7, 2 ** 53 - 1, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n, 1e15, 4294967296];
const FLOATS = [0, -0, 0.1, 1e15, 1e17, 1e-5, 5e-324, NaN, Infinity, -Infinity, 1.5, -(2 ** 70)];
const TEXTS = [
  "",
  "a",
  "name",
  "žluť",
  'a|b;c:"d"}\n',
  "\0*\0x",
  "__proto__",
  "😀",
  "x".repeat(70),
];
const CLASSES = ["Point", "App\\Job", "Ž", "a".repeat(40)];

/** Makes values of numbers: the same numbers make the same value, and no more numbers plain ones. */
export class ValueMaker {
  readonly #tape: readonly number[];
  #at = 0;
  readonly #objects: (PhpObject | PhpEnum | PhpCustom)[] = [];
  readonly #references: PhpReference[] = [];
  readonly #forPhp: boolean;

  /**
   * @param tape The numbers, from 0 to 255.
   * @param options Whether a PHP that knows no class must be able to give the same bytes back.
   */
  constructor(tape: readonly number[], options: { forPhp?: boolean } = {}) {
    this.#tape = tape;
    this.#forPhp = options.forPhp ?? false;
  }

  make(depth = 6): PhpValue {
    const kind = this.#next(depth > 0 ? 14 : 8);
    switch (kind) {
      case 0:
        return null;
      case 1:
        return this.#next(2) === 1;
      case 2:
        return this.#next(200) - 100;
      case 3:
        return this.#pick(INTEGERS);
      case 4:
        return this.#float();
      case 5:
      case 6:
        return this.#string();
      case 7:
        return this.#objects.length > 0 ? this.#pick(this.#objects) : this.#enum();
      case 8:
      case 9:
        return this.#object(depth - 1);
      default:
        return this.#array(depth - 1, kind === 10);
    }
  }

  #next(below: number): number {
    return (this.#tape[this.#at++] ?? 0) % below;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#next(choices.length)]!;
  }

  #float(): PhpFloat {
    if (this.#forPhp || this.#next(2) === 0) return new PhpFloat(this.#pick(FLOATS));
    return PhpFloat.parse(this.#pick(["0.10000000000000001", ".5", "5.", "+1e5", "-0.0", "00"]))!;
  }

  #string(): string | PhpBytes {
    if (this.#next(3) > 0) return this.#pick(TEXTS);
    return phpString(Uint8Array.from({ length: this.#next(20) }, () => this.#next(256)));
  }

  #enum(): PhpEnum {
    const value = this.#forPhp
      ? new PhpEnum("Suit", this.#pick(["Hearts", "Spades"]))
      : new PhpEnum(this.#pick(CLASSES), "Case");
    const same = this.#objects.find((each) =>
      each instanceof PhpEnum && each.caseName === value.caseName
    );
    if (same !== undefined) return same as PhpEnum;
    this.#objects.push(value);
    return value;
  }

  #object(depth: number): PhpValue {
    const kind = this.#next(4);
    if (kind === 0) return this.#enum();
    if (kind === 1 && !this.#forPhp) {
      const payload = this.#pick(["", "abc", '{"a":1}', "a:1:{i:0;i:1;}"]);
      const custom = new PhpCustom("Custom", new TextEncoder().encode(payload));
      this.#objects.push(custom);
      return custom;
    }
    const object = new PhpObject(this.#forPhp ? "stdClass" : this.#pick(CLASSES));
    this.#objects.push(object);
    this.#fill(object.properties, depth, () => this.#propertyName());
    return object;
  }

  #propertyName(): PhpKey {
    if (!this.#forPhp) return this.#key();
    return this.#pick(["a", "7", "žluť", "\0*\0a", "\0Point\0a", "", "long".repeat(20)]);
  }

  #array(depth: number, isList: boolean): PhpArray {
    const array = new PhpArray();
    this.#fill(array, depth, () => isList ? array.size : this.#key());
    return array;
  }

  #fill(array: PhpArray, depth: number, key: () => PhpKey): void {
    for (let left = this.#next(this.#next(8) === 0 ? 14 : 5); left > 0; left--) {
      const [name, slot] = [key(), this.#slot(depth)];
      // Writing through a reference could make it one to an object.
      if (!this.#forPhp || !array.has(name)) array.set(name, slot);
    }
  }

  #slot(depth: number): PhpSlot {
    const kind = this.#next(10);
    if (kind > 1) return this.make(depth);
    if (kind === 1 && this.#references.length > 0) return this.#pick(this.#references);
    const value = this.make(depth);
    // PHP takes a reference to an object for the object, so that the numbers would differ.
    const isObject = value instanceof PhpObject || value instanceof PhpEnum;
    if (this.#forPhp && isObject) return value;
    const reference = new PhpReference(value);
    this.#references.push(reference);
    return reference;
  }

  #key(): PhpKey {
    const kind = this.#next(4);
    if (kind === 0) return this.#next(30);
    if (kind === 1) return this.#pick(INTEGERS);
    const key = kind === 2 ? this.#pick(TEXTS) : this.#string();
    // PHP makes an integer of such a key.
    return this.#forPhp && /^-?\d+$/.test(String(key)) ? "key" : key;
  }
}
