import { sliceJsonObject } from "./json_object_slices.ts";
import type { SessionCodec, SessionDecodeResult, SessionDocument } from "./session_codec.ts";

/** What express-session keeps about its cookie in each session. */
export interface ExpressCookie {
  /** How long the session lives without use in milliseconds; `null` for as long as the browser. */
  originalMaxAge: number | null;
  /** When the cookie expires, as ISO 8601; `null` with the browser. */
  expires: string | null;
  /** Whether scripts of the page are kept from it. */
  httpOnly: boolean;
  /** The path that it is for. */
  path: string;
}

/** Options of {@linkcode JsonSessionCodec}. */
export interface JsonSessionCodecOptions {
  /**
   * What a new session has as `cookie`, without which express-session fails;
   * `null` for sessions that it does not read.
   *
   * @default {what express-session writes by default}
   */
  cookie?: ExpressCookie | null;
}

const DEFAULT_COOKIE: ExpressCookie = {
  originalMaxAge: null,
  expires: null,
  httpOnly: true,
  path: "/",
};

/**
 * Sessions as a JSON object, as express-session and connect-redis store them.
 * A variable that nobody sets keeps its text.
 *
 * @example Change one variable
 * ```ts
 * import { JsonSessionCodec } from "@sluice/sluice/websocket";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const codec = new JsonSessionCodec();
 * const result = codec.decode(new TextEncoder().encode('{"n":1.0,"big":12345678901234567890}'));
 * assert(result.ok);
 * result.document.put("n", codec.freeze("n", 2));
 * const text = new TextDecoder().decode(result.document.encode());
 * assertEquals(text, '{"n":2,"big":12345678901234567890}');
 * ```
 */
export class JsonSessionCodec implements SessionCodec {
  /** What it is called in messages. */
  readonly name = "json";
  readonly #empty: string;

  /**
   * Makes a codec.
   *
   * @param options See {@linkcode JsonSessionCodecOptions}.
   */
  constructor(options: JsonSessionCodecOptions = {}) {
    const { cookie = DEFAULT_COOKIE } = options;
    this.#empty = JSON.stringify(cookie === null ? {} : { cookie });
  }

  /** A session that holds at most the data of its cookie. */
  empty(): SessionDocument {
    return new JsonDocument(new TextEncoder().encode(this.#empty), sliceJsonObject(this.#empty)!);
  }

  /** Reads a stored session. */
  decode(bytes: Uint8Array): SessionDecodeResult {
    const text = decodeText(bytes);
    const slices = text === null ? null : sliceJsonObject(text);
    if (slices === null) return { ok: false, reason: "It is no JSON object" };
    return { ok: true, document: new JsonDocument(bytes, slices) };
  }

  /** Takes a copy of a value. */
  freeze(key: string, value: unknown): string {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) return text;
    throw new TypeError(`Cannot store ${key} as JSON has nothing for its value`);
  }
}

class JsonDocument implements SessionDocument {
  readonly #slices: Map<string, string>;
  #bytes: Uint8Array | null;

  constructor(bytes: Uint8Array, slices: Map<string, string>) {
    this.#bytes = bytes;
    this.#slices = slices;
  }

  get maxAgeMs(): number | null {
    const cookie = this.get("cookie") as Partial<ExpressCookie> | null | undefined;
    const age = cookie?.originalMaxAge;
    return typeof age === "number" && age > 0 ? age : null;
  }

  keys(): string[] {
    return [...this.#slices.keys()];
  }

  has(key: string): boolean {
    return this.#slices.has(key);
  }

  get(key: string): unknown {
    const text = this.#slices.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  put(key: string, frozen: unknown): void {
    this.#slices.set(key, frozen as string);
    this.#bytes = null;
  }

  delete(key: string): void {
    if (this.#slices.delete(key)) this.#bytes = null;
  }

  encode(): Uint8Array<ArrayBuffer> {
    if (this.#bytes !== null) return new Uint8Array(this.#bytes);
    const members = Array.from(this.#slices, ([key, text]) => `${JSON.stringify(key)}:${text}`);
    return new TextEncoder().encode(`{${members.join(",")}}`);
  }
}

function decodeText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
