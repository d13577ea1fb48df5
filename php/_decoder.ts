import { Byte } from "./_ascii.ts";
import { Entries } from "./_entries.ts";
import { DecodeFault } from "./_fault.ts";
import type { Reader } from "./_reader.ts";
import { SlotTable } from "./_slot_table.ts";
import { entriesOf, PhpArray } from "./array.ts";
import type { PhpString } from "./bytes.ts";
import { PhpCustom, setOrigin } from "./custom.ts";
import { PhpEnum } from "./enum.ts";
import type { PhpKey } from "./key.ts";
import type { DecodeLimits } from "./limits.ts";
import { isCaseName, isClassName } from "./name.ts";
import { PhpObject } from "./object.ts";
import { dereference } from "./reference.ts";
import type { PhpReference } from "./reference.ts";
import type { PhpSlot, PhpValue } from "./value.ts";

/** An entry takes at least six bytes, as in `i:0;N;`. */
const MIN_ENTRY_BYTES = 6;

const SIMPLE: readonly number[] = [
  Byte.LOWER_B,
  Byte.LOWER_D,
  Byte.LOWER_I,
  Byte.LOWER_R,
  Byte.LOWER_S,
  Byte.UPPER_E,
];

/** A payload that may be a value of the document. */
interface Payload {
  readonly custom: PhpCustom;
  readonly start: number;
  readonly end: number;
  /** Where reading ended outside of it. */
  readonly outerEnd: number;
  /** The number of the object, after which those of the payload's values come. */
  readonly slot: number;
  /** How many frames are around it. */
  readonly depth: number;
}

/** An array, object or payload whose entries are being read. */
interface Frame {
  readonly entries: Entries;
  left: number;
  readonly payload: Payload | null;
}

/**
 * Reads values that share one numbering, as all values of a document and all variables of a session
 * do: every value but `R:` has the next number. There is no recursion.
 */
export class Decoder {
  readonly #reader: Reader;
  readonly #limits: Required<DecodeLimits>;
  readonly #slots: SlotTable;
  readonly #stack: Frame[] = [];
  readonly #payloads: Payload[] = [];
  #elements = 0;
  #references = 0;

  constructor(reader: Reader, limits: Required<DecodeLimits>) {
    this.#reader = reader;
    this.#limits = limits;
    this.#slots = new SlotTable(reader.bytes);
  }

  /** Reads one value into a new entry. */
  read(owner: Entries, key: PhpKey): void {
    const stack = this.#stack;
    this.#slot(owner, key);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      try {
        this.#advance(frame);
      } catch (error) {
        if (!(error instanceof DecodeFault) || error.code === "limit") throw error;
        if (!this.#abandonPayload()) throw error;
      }
    }
  }

  #advance(frame: Frame): void {
    const { payload } = frame;
    while (frame.left > 0) {
      frame.left--;
      const depth = this.#stack.length;
      this.#slot(frame.entries, payload === null ? this.#reader.key() : 0);
      if (this.#stack.length > depth) return;
    }
    if (payload !== null) {
      if (this.#reader.at !== payload.end) this.#reader.fail("The payload goes on");
      this.#payloads.pop();
      this.#reader.end = payload.outerEnd;
      setOrigin(payload.custom, { inner: frame.entries, slot: payload.slot });
    }
    this.#reader.expect(Byte.CLOSE);
    this.#stack.pop();
  }

  #slot(owner: Entries, key: PhpKey): void {
    const at = this.#reader.at;
    const tag = this.#reader.byte();
    if (tag === Byte.UPPER_R) {
      this.#append(owner, key, this.#share(), at);
      return;
    }
    this.#slots.add(owner);
    if (tag === Byte.LOWER_A) this.#array(owner, key, at);
    else if (tag === Byte.UPPER_O) this.#object(owner, key, at);
    else if (tag === Byte.UPPER_C) this.#custom(owner, key, at);
    else this.#append(owner, key, this.#simple(tag, at), at);
  }

  #simple(tag: number, at: number): PhpValue {
    const reader = this.#reader;
    if (tag === Byte.UPPER_N) {
      reader.expect(Byte.SEMICOLON);
      return null;
    }
    if (!SIMPLE.includes(tag)) reader.fail("Expected a value", at);
    reader.expect(Byte.COLON);
    if (tag === Byte.LOWER_I) return reader.integer();
    if (tag === Byte.LOWER_D) return reader.float();
    if (tag === Byte.LOWER_B) return this.#boolean();
    if (tag === Byte.LOWER_R) return this.#sameObject();
    if (tag === Byte.UPPER_E) return this.#enum();
    const string = reader.string();
    reader.expect(Byte.SEMICOLON);
    return string;
  }

  #append(owner: Entries, key: PhpKey, slot: PhpSlot, at: number): void {
    if (!owner.append(key, slot)) this.#reader.fail("A key occurs twice", at);
  }

  #array(owner: Entries, key: PhpKey, at: number): void {
    this.#reader.expect(Byte.COLON);
    const array = new PhpArray();
    this.#append(owner, key, array, at);
    this.#open(entriesOf(array));
  }

  #object(owner: Entries, key: PhpKey, at: number): void {
    const object = new PhpObject(this.#className());
    this.#append(owner, key, object, at);
    this.#open(entriesOf(object.properties));
  }

  #open(entries: Entries): void {
    const reader = this.#reader;
    const at = reader.at;
    const count = reader.unsigned(Byte.COLON);
    reader.expect(Byte.OPEN);
    this.#elements += count;
    const tooMany = this.#elements > this.#limits.maxElements;
    // A payload that only looks like an array must not count against the limit.
    const isDoubtful = this.#payloads.length > 0;
    if (count * MIN_ENTRY_BYTES > reader.end - reader.at && (isDoubtful || !tooMany)) {
      this.#elements -= count;
      reader.fail("The input ends too early", reader.end, "incomplete");
    }
    if (tooMany) reader.fail(`More than ${this.#limits.maxElements} entries`, at, "limit");
    this.#push({ entries, left: count, payload: null }, at);
  }

  #push(frame: Frame, at: number): void {
    if (this.#stack.length >= this.#limits.maxDepth) {
      this.#reader.fail(`Nested deeper than ${this.#limits.maxDepth} levels`, at, "limit");
    }
    this.#stack.push(frame);
  }

  #boolean(): boolean {
    const byte = this.#reader.byte();
    if (byte !== Byte.ZERO && byte !== Byte.ONE) {
      this.#reader.fail("Expected 0 or 1", this.#reader.at - 1);
    }
    this.#reader.expect(Byte.SEMICOLON);
    return byte === Byte.ONE;
  }

  /** The variable that stands at an earlier number, from now on shared. */
  #share(): PhpReference {
    this.#reader.expect(Byte.COLON);
    return this.#slots.share(this.#target(this.#slots.last));
  }

  #sameObject(): PhpValue {
    const at = this.#reader.at;
    const number = this.#target(this.#slots.last - 1);
    const value = dereference(this.#slots.slotAt(number));
    const isObject = value instanceof PhpObject || value instanceof PhpCustom ||
      value instanceof PhpEnum;
    if (!isObject) this.#reader.fail(`Number ${number} is no object`, at);
    if (this.#slots.isRepeat(number)) {
      this.#reader.fail(`Number ${number} is not where the object stands first`, at);
    }
    this.#slots.repeat();
    return value;
  }

  #target(last: number): number {
    const at = this.#reader.at;
    const number = this.#reader.unsigned(Byte.SEMICOLON);
    this.#references++;
    if (this.#references > this.#limits.maxReferences) {
      this.#reader.fail(`More than ${this.#limits.maxReferences} references`, at, "limit");
    }
    if (this.#slots.isUncertain(number)) {
      this.#reader.fail(`Number ${number} comes after data that only its class can count`, at);
    }
    if (number < 1 || number > last) this.#reader.fail(`There is no number ${number}`, at);
    return number;
  }

  #className(): PhpString {
    this.#reader.expect(Byte.COLON);
    const at = this.#reader.at;
    const name = this.#reader.string();
    this.#reader.expect(Byte.COLON);
    return isClassName(name) ? name : this.#reader.fail("Expected the name of a class", at);
  }

  #enum(): PhpEnum {
    const reader = this.#reader;
    const at = reader.at;
    const length = reader.unsigned(Byte.COLON);
    reader.expect(Byte.QUOTE);
    const start = reader.at;
    reader.skip(length);
    const colon = reader.bytes.subarray(start, reader.at).indexOf(Byte.COLON);
    if (colon < 0) reader.fail("Expected an enum and a case", at);
    const className = reader.text(start, start + colon);
    const caseName = reader.text(start + colon + 1, reader.at);
    if (!isClassName(className) || !isCaseName(caseName)) {
      reader.fail("Expected an enum and a case", at);
    }
    reader.expect(Byte.QUOTE);
    reader.expect(Byte.SEMICOLON);
    return new PhpEnum(className, caseName);
  }

  #custom(owner: Entries, key: PhpKey, at: number): void {
    const reader = this.#reader;
    const className = this.#className();
    const length = reader.unsigned(Byte.COLON);
    reader.expect(Byte.OPEN);
    const start = reader.at;
    reader.skip(length);
    reader.expect(Byte.CLOSE);
    const custom = new PhpCustom(className, this.#payloadBytes(start, length));
    this.#append(owner, key, custom, at);
    const [depth, slot] = [this.#stack.length, this.#slots.last];
    const payload = { custom, start, end: start + length, outerEnd: reader.end, slot, depth };
    this.#push({ entries: new Entries(), left: 1, payload }, at);
    this.#payloads.push(payload);
    reader.at = start;
    reader.end = payload.end;
  }

  /** One copy for a payload and those nested in it. */
  #payloadBytes(start: number, length: number): Uint8Array {
    const outer = this.#payloads.at(-1);
    if (outer === undefined) return this.#reader.copy(start, start + length);
    return outer.custom.payload.subarray(start - outer.start, start - outer.start + length);
  }

  /** Takes a payload that isn't one value as it is; false when none is being read. */
  #abandonPayload(): boolean {
    const payload = this.#payloads.pop();
    if (payload === undefined) return false;
    const { custom, start, end, outerEnd, slot, depth } = payload;
    this.#stack.length = depth;
    this.#slots.forget(slot, start, end);
    setOrigin(custom, { inner: null, slot });
    this.#reader.end = outerEnd;
    this.#reader.at = end + 1;
    return true;
  }
}
