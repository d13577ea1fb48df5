import type { Entries } from "./_entries.ts";
import { payloadOf } from "./_payload.ts";
import { Writer } from "./_writer.ts";
import { entriesOf, PhpArray } from "./array.ts";
import { bytesOf, PhpBytes } from "./bytes.ts";
import type { PhpString } from "./bytes.ts";
import { PhpCustom } from "./custom.ts";
import { PhpEnum } from "./enum.ts";
import { PhpFloat } from "./float.ts";
import { normalizeInt } from "./key.ts";
import type { PhpKey } from "./key.ts";
import { showName } from "./name.ts";
import { PhpObject } from "./object.ts";
import { PhpReference } from "./reference.ts";
import type { PhpSlot, PhpValue } from "./value.ts";

/** An array, object or payload that is being written. */
interface Frame {
  readonly entries: Entries;
  place: number;
  /** For a payload: the gap for its length, and where it starts. */
  readonly payload: { readonly gap: number; readonly start: number } | null;
}

const text = new TextDecoder("windows-1252");

/** Writes values that share one numbering; the counterpart of the decoder. */
export class Encoder {
  readonly writer = new Writer();
  readonly #maxDepth: number;
  readonly #stack: Frame[] = [];
  readonly #seen = new Map<PhpReference | PhpObject | PhpCustom | PhpEnum, number>();
  #count = 0;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** Writes one value. */
  write(slot: PhpSlot): void {
    this.#slot(slot);
    for (let frame = this.#stack.at(-1); frame !== undefined; frame = this.#stack.at(-1)) {
      this.#advance(frame);
    }
  }

  #advance(frame: Frame): void {
    const { entries, payload } = frame;
    const depth = this.#stack.length;
    while (frame.place < entries.end) {
      const place = frame.place++;
      if (!entries.has(place)) continue;
      if (payload === null) this.#key(entries.keyAt(place));
      this.#slot(entries.slotAt(place));
      if (this.#stack.length > depth) return;
    }
    if (payload !== null) {
      this.writer.fill(payload.gap, `${this.writer.length - payload.start}:{`);
    }
    this.writer.ascii("}");
    this.#stack.pop();
  }

  #key(key: PhpKey): void {
    if (typeof key === "string" || key instanceof PhpBytes) this.#string(key);
    else this.#integer(key);
  }

  #slot(slot: PhpSlot): void {
    if (!(slot instanceof PhpReference)) {
      this.#count++;
      this.#value(slot);
      return;
    }
    const number = this.#seen.get(slot);
    if (number !== undefined) {
      this.writer.ascii(`R:${number};`);
      return;
    }
    this.#seen.set(slot, ++this.#count);
    this.#value(slot.value);
  }

  #value(value: PhpValue): void {
    const { writer } = this;
    if (typeof value === "string" || value instanceof PhpBytes) this.#string(value);
    else if (typeof value === "number" || typeof value === "bigint") {
      this.#integer(normalizeInt(value));
    } else if (typeof value === "boolean") writer.ascii(value ? "b:1;" : "b:0;");
    else if (value === null) writer.ascii("N;");
    else if (value instanceof PhpArray) this.#open("a:", entriesOf(value));
    else if (value instanceof PhpFloat) writer.ascii(`d:${value.text};`);
    else if (isShared(value)) this.#shared(value);
    else {
      const form = typeof value === "object" ? "object that is no PHP value" : typeof value;
      throw new TypeError(`Cannot encode a value of type ${form}: see fromPlain()`);
    }
  }

  #shared(value: PhpObject | PhpCustom | PhpEnum): void {
    const number = this.#seen.get(value);
    if (number !== undefined) {
      this.writer.ascii(`r:${number};`);
      return;
    }
    this.#seen.set(value, this.#count);
    if (value instanceof PhpObject) {
      this.#name("O:", value.className);
      this.#open("", entriesOf(value.properties));
    } else if (value instanceof PhpCustom) {
      this.#name("C:", value.className);
      this.#custom(value);
    } else {
      this.#enum(value);
    }
  }

  #custom(custom: PhpCustom): void {
    const origin = payloadOf(custom);
    if (origin.inner !== null) {
      const payload = { gap: this.writer.gap(), start: this.writer.length };
      this.#push({ entries: origin.inner, place: 0, payload });
      return;
    }
    const { payload } = custom;
    const hasMoved = origin.slot !== null && origin.slot !== this.#count;
    if (hasMoved && /[Rr]:\d/.test(text.decode(payload))) {
      throw new RangeError(
        `Cannot encode an object of class ${
          showName(custom.className)
        } at another place than it was read: ` +
          "its payload refers to values by number",
      );
    }
    this.writer.ascii(`${payload.length}:{`);
    this.writer.bytes(payload);
    this.writer.ascii("}");
  }

  #enum({ className, caseName }: PhpEnum): void {
    const [owner, name] = [bytesOf(className), bytesOf(caseName)];
    this.writer.ascii(`E:${owner.length + 1 + name.length}:"`);
    this.writer.bytes(owner);
    this.writer.ascii(":");
    this.writer.bytes(name);
    this.writer.ascii('";');
  }

  #integer(value: number | bigint): void {
    this.writer.ascii("i:");
    this.writer.integer(value);
    this.writer.ascii(";");
  }

  #string(string: PhpString): void {
    this.writer.ascii("s:");
    this.#quoted(string);
    this.writer.ascii(";");
  }

  #name(tag: string, name: PhpString): void {
    this.writer.ascii(tag);
    this.#quoted(name);
    this.writer.ascii(":");
  }

  #quoted(string: PhpString): void {
    if (typeof string === "string") {
      this.writer.quoted(string);
      return;
    }
    this.writer.ascii(`${string.bytes.length}:"`);
    this.writer.bytes(string.bytes);
    this.writer.ascii('"');
  }

  #open(tag: string, entries: Entries): void {
    this.writer.ascii(tag);
    this.writer.integer(entries.size);
    this.writer.ascii(":{");
    this.#push({ entries, place: 0, payload: null });
  }

  #push(frame: Frame): void {
    if (this.#stack.length >= this.#maxDepth) {
      throw new RangeError(
        `Cannot encode a value nested deeper than ${this.#maxDepth} levels, or holding itself`,
      );
    }
    this.#stack.push(frame);
  }
}

function isShared(value: PhpValue): value is PhpObject | PhpCustom | PhpEnum {
  return value instanceof PhpObject || value instanceof PhpCustom || value instanceof PhpEnum;
}
