import { createHmac } from "node:crypto";
import type { EventLoop } from "../loop/mod.ts";

/** Options of {@linkcode Gate}. */
export interface GateOptions {
  loop: EventLoop;
  token: string;
  /** The name of the cookie. */
  cookie: string;
  /** Where the dashboard is. */
  base: string;
  /** How long who has logged in stays so. */
  sessionMs: number;
}

/** Who has logged in. */
export interface Pass {
  /** What forms must send along. */
  readonly csrf: string;
}

const MAX_FAILURES = 20;
const FAILURES_FOR_MS = 60_000;

/**
 * Lets in who knows the token. A pass is a cookie that says until when it
 * holds, signed with the token: nothing is kept, so that it holds after a
 * restart and at every other server with the token, and no more with a new one.
 */
export class Gate {
  readonly #options: GateOptions;
  #failures = 0;
  #failuresEnd = 0;

  /**
   * @param options See {@linkcode GateOptions}.
   */
  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Whether so many wrong tokens came that none is looked at for a while. */
  get isShut(): boolean {
    return this.#failures >= MAX_FAILURES && this.#options.loop.now() < this.#failuresEnd;
  }

  /**
   * Looks at a token.
   *
   * @returns The cookie that lets in; `null` when it is wrong.
   */
  logIn(token: string, isSecure: boolean): string | null {
    const { loop, sessionMs } = this.#options;
    // What is compared are digests, so that the time it takes tells nothing.
    if (this.#sign(`token ${token}`) !== this.#sign(`token ${this.#options.token}`)) {
      if (loop.now() >= this.#failuresEnd) this.#failures = 0;
      if (this.#failures++ === 0) this.#failuresEnd = loop.now() + FAILURES_FOR_MS;
      return null;
    }
    const claim = `${Math.floor(loop.wallNow() + sessionMs)}.${loop.random.bytes(16).toHex()}`;
    const value = `${claim}.${this.#sign(`pass ${claim}`)}`;
    return this.#cookie(value, { seconds: Math.floor(sessionMs / 1000), isSecure });
  }

  /** The cookie that ends a pass. */
  logOut(): string {
    return this.#cookie("", { seconds: 0, isSecure: false });
  }

  /** The pass that a request shows; `null` when it shows none that holds. */
  check(request: Request): Pass | null {
    const value = cookieOf(request, this.#options.cookie);
    const [end, nonce, signature, ...rest] = (value ?? "").split(".");
    if (signature === undefined || rest.length > 0) return null;
    const claim = `${end}.${nonce}`;
    if (!isSame(signature, this.#sign(`pass ${claim}`))) return null;
    if (!(Number(end) > this.#options.loop.wallNow())) return null;
    return { csrf: this.#sign(`csrf ${claim}`) };
  }

  #cookie(value: string, { seconds, isSecure }: { seconds: number; isSecure: boolean }): string {
    const { cookie, base } = this.#options;
    const attributes = ["HttpOnly", "SameSite=Strict", `Path=${base || "/"}`, `Max-Age=${seconds}`];
    if (isSecure) attributes.push("Secure");
    return [`${cookie}=${value}`, ...attributes].join("; ");
  }

  // Not by WebCrypto: its threads would make simulated time wait for real time.
  #sign(text: string): string {
    return createHmac("sha256", this.#options.token).update(text).digest("hex");
  }
}

/** Compares in a time that doesn't tell where two texts differ. */
export function isSame(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
