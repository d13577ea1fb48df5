import {
  decode,
  decodeSession,
  encode,
  encodeSession,
  fromPlain,
  PhpArray,
  type PhpKey,
  type PhpSlot,
  type SessionHandler,
  toPlain,
} from "../../php/mod.ts";
import type { SessionCodec, SessionDecodeResult, SessionDocument } from "./session_codec.ts";

/** Options of {@linkcode PhpSessionCodec}. */
export interface PhpSessionCodecOptions {
  /**
   * PHP's setting `session.serialize_handler`.
   *
   * @default {"php"}
   */
  handler?: SessionHandler;
  /**
   * The variable that holds the array with the variables: `_sf2_attributes` for
   * Symfony. All others are left alone.
   *
   * @default {none: each variable stands by itself, as in $_SESSION}
   */
  bag?: string;
}

/** Where the variables of a session are. */
interface Layout {
  readonly handler: SessionHandler;
  readonly bag: string | null;
}

/**
 * Sessions as PHP stores them. Values are plain where they can be, and
 * otherwise those of the `php` module; objects of unknown classes, references
 * and all else survive as they are.
 *
 * @example A session of Symfony
 * ```ts
 * import { PhpSessionCodec } from "@sluice/sluice/websocket";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const codec = new PhpSessionCodec({ bag: "_sf2_attributes" });
 * const bytes = new TextEncoder().encode('_sf2_attributes|a:0:{}user|O:4:"User":0:{}');
 * const result = codec.decode(bytes);
 * assert(result.ok);
 * result.document.put("name", codec.freeze("name", "Zoë"));
 * assertEquals(
 *   new TextDecoder().decode(result.document.encode()),
 *   '_sf2_attributes|a:1:{s:4:"name";s:4:"Zoë";}user|O:4:"User":0:{}',
 * );
 * ```
 */
export class PhpSessionCodec implements SessionCodec {
  /** What it is called in messages. */
  readonly name: SessionHandler;
  readonly #layout: Layout;

  /**
   * Makes a codec.
   *
   * @param options See {@linkcode PhpSessionCodecOptions}.
   * @throws {RangeError} When the handler is unknown.
   * @throws {SessionNameError} When the handler can't store the name of the bag.
   */
  constructor(options: PhpSessionCodecOptions = {}) {
    const { handler = "php", bag = null } = options;
    this.name = handler;
    this.#layout = { handler, bag };
    encodeSession(new PhpArray(bag === null ? [] : [[bag, null]]), { handler });
  }

  /** A session without variables. */
  empty(): SessionDocument {
    return new PhpDocument(null, { variables: new PhpArray(), layout: this.#layout });
  }

  /** Reads a stored session. */
  decode(bytes: Uint8Array): SessionDecodeResult {
    const { handler, bag } = this.#layout;
    const result = decodeSession(bytes, { handler });
    if (!result.ok) return { ok: false, reason: result.error.reason };
    const variables = result.value;
    if (bag !== null && variables.has(bag) && !(variables.get(bag) instanceof PhpArray)) {
      return { ok: false, reason: `Its ${bag} is no array` };
    }
    return { ok: true, document: new PhpDocument(bytes, { variables, layout: this.#layout }) };
  }

  /** Takes a copy of a value. */
  freeze(key: string, value: unknown): Uint8Array {
    const { handler, bag } = this.#layout;
    // Only a try tells whether a name can be stored; and what can't must not get into a session.
    if (bag === null) encodeSession(new PhpArray([[keyOf(key, handler), null]]), { handler });
    if (value === undefined) {
      throw new TypeError(`Cannot store ${key} as PHP has nothing for its value`);
    }
    return encode(fromPlain(value));
  }
}

class PhpDocument implements SessionDocument {
  readonly maxAgeMs = null;
  readonly #variables: PhpArray;
  readonly #layout: Layout;
  #bytes: Uint8Array | null;

  constructor(bytes: Uint8Array | null, options: { variables: PhpArray; layout: Layout }) {
    this.#bytes = bytes;
    this.#variables = options.variables;
    this.#layout = options.layout;
  }

  keys(): string[] {
    const keys = [...this.#attributes()?.keys() ?? []];
    return keys.filter((key) => typeof key !== "object").map(String);
  }

  has(key: string): boolean {
    return this.#attributes()?.has(this.#keyOf(key)) ?? false;
  }

  get(key: string): unknown {
    const value = this.#attributes()?.get(this.#keyOf(key));
    return value === undefined ? undefined : toPlain(copyOf(value));
  }

  put(key: string, frozen: unknown): void {
    let attributes = this.#attributes();
    if (attributes === null) {
      attributes = new PhpArray();
      this.#variables.set(this.#layout.bag!, attributes);
    }
    attributes.set(this.#keyOf(key), thaw(frozen as Uint8Array));
    this.#bytes = null;
  }

  delete(key: string): void {
    if (this.#attributes()?.delete(this.#keyOf(key))) this.#bytes = null;
  }

  encode(): Uint8Array<ArrayBuffer> {
    const { handler } = this.#layout;
    return new Uint8Array(this.#bytes ?? encodeSession(this.#variables, { handler }));
  }

  #attributes(): PhpArray | null {
    const { bag } = this.#layout;
    return bag === null ? this.#variables : (this.#variables.get(bag) as PhpArray) ?? null;
  }

  #keyOf(key: string): PhpKey {
    const { bag, handler } = this.#layout;
    return bag === null ? keyOf(key, handler) : arrayKeyOf(key);
  }
}

/** The key of a variable; `php` and `php_binary` know texts only. */
function keyOf(key: string, handler: SessionHandler): PhpKey {
  return handler === "php_serialize" ? arrayKeyOf(key) : key;
}

/** The key of an array's entry, where PHP takes a text such as `7` for an integer. */
function arrayKeyOf(key: string): PhpKey {
  const [first] = (fromPlain({ [key]: null }) as PhpArray).keys();
  return first!;
}

/** Objects that the application may change at will. */
function copyOf(value: PhpSlot): PhpSlot {
  const isShared = typeof value === "object" && value !== null;
  return isShared ? thaw(encode(value)) : value;
}

function thaw(bytes: Uint8Array): PhpSlot {
  const result = decode(bytes, { maxBytes: Infinity, maxElements: Infinity });
  if (result.ok) return result.value;
  throw new TypeError(`Cannot use value as PHP can't read it: ${result.error.reason}`);
}
