const METHODS = "GET, HEAD, PUT";
const HEADERS = "authorization, content-type, if-none-match, last-event-id";
const EXPOSED = "etag, retry-after";
const PREFLIGHT_SECONDS = "600";

/** Pages of which other sites may use the gateway. */
export class CorsPolicy {
  readonly #origins: ReadonlySet<string> | "*";

  /**
   * @param origins Their origins, such as `https://example.com`, or `*` for all.
   * @throws {RangeError} When one is no origin.
   */
  constructor(origins: readonly string[] | "*") {
    if (origins !== "*") { for (const origin of origins) checkOrigin(origin); }
    this.#origins = origins === "*" ? origins : new Set(origins);
  }

  /** Whether a request asks what pages of another site may do. */
  isPreflight({ method, headers }: Request): boolean {
    return method === "OPTIONS" && headers.has("origin") &&
      headers.has("access-control-request-method");
  }

  /** What to answer to that; `null` when they may do nothing. */
  preflight(request: Request): Response | null {
    if (this.#allowed(request) === null) return null;
    const headers = {
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": HEADERS,
      "access-control-max-age": PREFLIGHT_SECONDS,
    };
    return new Response(null, { status: 204, headers });
  }

  /** Tells the browser whether its page may see an answer. */
  apply(request: Request, headers: Headers): void {
    const allowed = this.#allowed(request);
    if (this.#origins !== "*") headers.append("vary", "origin");
    if (allowed === null) return;
    headers.set("access-control-allow-origin", allowed);
    headers.set("access-control-expose-headers", EXPOSED);
  }

  #allowed({ headers }: Request): string | null {
    if (this.#origins === "*") return "*";
    const origin = headers.get("origin");
    return origin !== null && this.#origins.has(origin) ? origin : null;
  }
}

function checkOrigin(text: string): void {
  if (URL.canParse(text) && new URL(text).origin === text) return;
  throw new RangeError(`Cannot allow ${text} as it is no origin, such as https://example.com`);
}
