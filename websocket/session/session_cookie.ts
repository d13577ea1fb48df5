import { isSessionId } from "./session_id.ts";
import { signCookie, unsignCookie } from "./signed_cookie.ts";

/** Options of {@linkcode SessionCookie}. */
export interface SessionCookieOptions {
  /**
   * Its name: `PHPSESSID` for PHP, `connect.sid` for express-session.
   *
   * @default {"sid"}
   */
  name?: string;
  /**
   * Secrets of signed cookies: the first signs, each of them is accepted.
   *
   * @default {none: the cookie is the bare id}
   */
  secrets?: readonly string[];
  /**
   * The path that the cookie is for.
   *
   * @default {"/"}
   */
  path?: string;
  /**
   * Whether it goes over encrypted connections only.
   *
   * @default {false}
   */
  secure?: boolean;
  /**
   * Whether other sites' requests bring it along.
   *
   * @default {"Lax"}
   */
  sameSite?: "Strict" | "Lax" | "None";
  /**
   * How long a browser keeps it, in milliseconds.
   *
   * @default {none: until the browser ends}
   */
  maxAgeMs?: number;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const PATH = /^\/[\x21-\x3a\x3c-\x7e]*$/;

/**
 * The cookie that holds the id of a session.
 *
 * @example The cookie of express-session
 * ```ts
 * import { SessionCookie } from "@sluice/sluice/websocket";
 * import { assertEquals } from "@std/assert";
 *
 * const cookie = new SessionCookie({ name: "connect.sid", secrets: ["keyboard cat"] });
 * const value = cookie.format("abcDEF0123456789_-abcdefghijklmn").split(/[=;]/)[1];
 * assertEquals(cookie.read(new Map([["connect.sid", value]])), "abcDEF0123456789_-abcdefghijklmn");
 * ```
 */
export class SessionCookie {
  /** Its name. */
  readonly name: string;
  readonly #secrets: readonly string[];
  readonly #attributes: string;

  /**
   * Describes the cookie.
   *
   * @param options See {@linkcode SessionCookieOptions}.
   * @throws {SyntaxError} When the name or the path is malformed.
   * @throws {RangeError} When a secret is empty.
   */
  constructor(options: SessionCookieOptions = {}) {
    const { name = "sid", secrets = [], path = "/", sameSite = "Lax", maxAgeMs } = options;
    if (!TOKEN.test(name)) throw new SyntaxError(`Cannot name a cookie ${name}`);
    if (!PATH.test(path)) throw new SyntaxError(`Cannot set a cookie for path ${path}`);
    if (secrets.includes("")) throw new RangeError("Cannot sign cookies as a secret is empty");
    this.name = name;
    this.#secrets = secrets;
    const age = maxAgeMs === undefined ? "" : `; Max-Age=${Math.ceil(maxAgeMs / 1000)}`;
    const secure = options.secure === true ? "; Secure" : "";
    this.#attributes = `; Path=${path}; HttpOnly; SameSite=${sameSite}${secure}${age}`;
  }

  /**
   * Reads the id of a session.
   *
   * @param cookies The cookies of a request by name, as they came.
   * @returns The id, or `null` when there is none, or one that can't be or was not signed here.
   */
  read(cookies: ReadonlyMap<string, string>): string | null {
    const value = percentDecode(cookies.get(this.name) ?? "");
    const id = this.#secrets.length === 0 ? value : unsignCookie(value, this.#secrets);
    return id !== null && isSessionId(id) ? id : null;
  }

  /**
   * Makes the value of `Set-Cookie`.
   *
   * @param id The id of the session.
   */
  format(id: string): string {
    const secret = this.#secrets[0];
    const value = secret === undefined ? id : signCookie(id, secret);
    return `${this.name}=${encodeURIComponent(value)}${this.#attributes}`;
  }
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
