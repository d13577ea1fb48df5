import { arrayNames, define, propertyNames } from "./_plain_names.ts";
import { entriesOf, PhpArray } from "./array.ts";
import { PhpFloat } from "./float.ts";
import type { JsonError, JsonResult, JsonValue } from "./json_value.ts";
import { checkLimit } from "./limits.ts";
import { showName } from "./name.ts";
import { PhpObject } from "./object.ts";
import { dereference } from "./reference.ts";
import type { PhpSlot } from "./value.ts";

/** What {@link toJson} lets pass, and how much. */
export interface ToJsonOptions {
  /**
   * The classes whose objects become plain objects; any other object is refused.
   * @default ["stdClass"]
   */
  readonly classes?: Iterable<string>;
  /**
   * What becomes of integers that a `number` cannot hold exactly: `"string"` writes their digits.
   * @default "refuse"
   */
  readonly unsafeIntegers?: "refuse" | "string";
  /**
   * How deep the result may be nested.
   * @default 512
   */
  readonly maxDepth?: number;
  /**
   * How many entries the result may have, those of shared values counted each time.
   * @default 1000000
   */
  readonly maxElements?: number;
  /**
   * How many characters all texts and names of the result may have together, those of shared values
   * counted each time.
   * @default 16777216
   */
  readonly maxCharacters?: number;
}

/** A list or object to be filled. */
interface Task {
  readonly source: PhpArray;
  readonly container: JsonValue[] | Record<string, JsonValue>;
  /** Names of the entries; `null` for a list. */
  readonly names: string[] | null;
  readonly parent: Task | null;
  /** The name or index in the parent. */
  readonly at: string | number;
  readonly depth: number;
}

/**
 * Makes a value that JSON can hold, with the mapping of `toPlain()`; but what JSON cannot hold, or
 * what would not come out of it as it went in, is refused instead of left as it is: unknown classes,
 * enum cases, strings and keys that aren't UTF-8, `INF` and `NAN`, and integers over 53 bits.
 *
 * The result is a tree: what is shared in PHP is repeated, within limits that count each repetition,
 * and what contains itself is refused for its depth.
 *
 * @example A payload
 * ```ts
 * import { PhpArray, PhpFloat, PhpObject, toJson } from "@sluice/sluice/php";
 * import { assertEquals } from "@std/assert";
 *
 * const point = new PhpObject("Point", new PhpArray([["x", 1], ["y", new PhpFloat(0.5)]]));
 * assertEquals(toJson(point, { classes: ["Point"] }), { ok: true, value: { x: 1, y: 0.5 } });
 * assertEquals(toJson(PhpArray.list([point])), {
 *   ok: false,
 *   error: { path: [0], reason: 'Class "Point" is not allowed' },
 * });
 * ```
 *
 * @param slot The value.
 * @param options What passes, and how much.
 * @returns The value for JSON, or why there is none.
 * @throws {RangeError} When a limit is out of range; never because of the value.
 */
export function toJson(slot: PhpSlot, options: ToJsonOptions = {}): JsonResult {
  return new Conversion(options).run(slot);
}

const MAX_DEPTH = 512;
const MAX_ELEMENTS = 1_000_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

class Conversion {
  readonly #classes: ReadonlySet<unknown>;
  readonly #asString: boolean;
  readonly #maxDepth: number;
  #elementsLeft: number;
  #charactersLeft: number;
  readonly #tasks: Task[] = [];
  #error: JsonError | null = null;

  constructor(options: ToJsonOptions) {
    this.#classes = new Set(options.classes ?? ["stdClass"]);
    this.#asString = options.unsafeIntegers === "string";
    this.#maxDepth = checkLimit("maxDepth", options.maxDepth ?? MAX_DEPTH);
    this.#elementsLeft = checkLimit("maxElements", options.maxElements ?? MAX_ELEMENTS);
    this.#charactersLeft = checkLimit("maxCharacters", options.maxCharacters ?? MAX_CHARACTERS);
  }

  run(slot: PhpSlot): JsonResult {
    const value = this.#make(slot, null, "");
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) {
      this.#fill(task);
      if (this.#error !== null) break;
    }
    return this.#error === null ? { ok: true, value } : { ok: false, error: this.#error };
  }

  #fill(task: Task): void {
    const entries = entriesOf(task.source);
    const { container, names } = task;
    let at = 0;
    for (let place = 0; place < entries.end; place++) {
      if (!entries.has(place)) continue;
      const name = names === null ? at : names[at]!;
      at++;
      const made = this.#make(entries.slotAt(place), task, name);
      if (this.#error !== null) return;
      if (names === null) (container as JsonValue[]).push(made);
      else define(container as Record<string, JsonValue>, name as string, made);
    }
  }

  #make(slot: PhpSlot, parent: Task | null, at: string | number): JsonValue {
    const value = dereference(slot);
    if (value === null || typeof value === "boolean" || typeof value === "number") return value;
    if (typeof value === "string") return this.#text(value, parent, at);
    if (value instanceof PhpFloat) {
      if (Number.isFinite(value.value)) return value.value;
      return this.#refuse(`JSON has no ${value.text}`, parent, at);
    }
    if (typeof value === "bigint") {
      if (this.#asString) return String(value);
      return this.#refuse(`Integer ${value} is over 53 bits`, parent, at);
    }
    if (value instanceof PhpArray) return this.#container(value, value, parent, at);
    if (!("className" in value)) return this.#refuse("A string is not UTF-8", parent, at);
    if (value instanceof PhpObject && this.#classes.has(value.className)) {
      return this.#container(value, value.properties, parent, at);
    }
    return this.#refuse(`Class ${showName(value.className)} is not allowed`, parent, at);
  }

  #text(text: string, parent: Task | null, at: string | number): string {
    this.#charactersLeft -= text.length;
    if (this.#charactersLeft < 0) this.#refuse("Too many characters", parent, at);
    return text;
  }

  #container(
    value: PhpArray | PhpObject,
    source: PhpArray,
    parent: Task | null,
    at: string | number,
  ): JsonValue {
    const depth = parent === null ? 1 : parent.depth + 1;
    if (depth > this.#maxDepth) {
      return this.#refuse(`Nested deeper than ${this.#maxDepth} levels`, parent, at);
    }
    this.#elementsLeft -= source.size;
    if (this.#elementsLeft < 0) return this.#refuse("Too many entries", parent, at);
    if (value instanceof PhpArray && value.isList) {
      const list: JsonValue[] = [];
      this.#tasks.push({ source, container: list, names: null, parent, at, depth });
      return list;
    }
    const names = value instanceof PhpArray ? arrayNames(value) : propertyNames(value);
    if (names === undefined) {
      return this.#refuse("Keys are not UTF-8, or equal as text", parent, at);
    }
    for (const name of names) this.#text(name, parent, at);
    const container: Record<string, JsonValue> = {};
    this.#tasks.push({ source, container, names, parent, at, depth });
    return container;
  }

  #refuse(reason: string, parent: Task | null, at: string | number): null {
    const path: (string | number)[] = [];
    let last = at;
    for (let task = parent; task !== null; task = task.parent) {
      path.unshift(last);
      last = task.at;
    }
    this.#error ??= { path, reason };
    return null;
  }
}
