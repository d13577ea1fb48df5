import type { Application } from "../application.ts";
import { Component } from "../component.ts";
import type { HandshakeAnswer, HandshakeRequest } from "../handshake_request.ts";

/** Options of {@linkcode OriginCheck}. */
export interface OriginCheckOptions {
  /**
   * Where pages may come from: origins (`https://example.com`,
   * `http://localhost:8000`), or host names (`example.com`) for any scheme and port.
   */
  origins: readonly string[];
  /**
   * Whether pages may connect that come from the host that they connect to, whatever its port. Its
   * name is that of the `Host` field: a proxy before the server has to leave it as it is.
   *
   * @default {false}
   */
  sameHost?: boolean;
  /**
   * Whether clients that send no `Origin` may connect, as those do that are no browsers.
   *
   * @default {false}
   */
  allowMissing?: boolean;
}

/**
 * Lets only pages of some origins connect; others are refused with 403. A
 * browser lets any page connect anywhere, with the visitor's cookies: what
 * relies on these needs this check (RFC 6455, 10.2).
 *
 * @example Only our own pages
 * ```ts
 * import { OriginCheck, WsServer } from "@sluice/sluice/websocket";
 *
 * const chat = { onMessage() {} };
 * new WsServer(new OriginCheck(chat, { origins: ["https://example.com"] }));
 * ```
 */
export class OriginCheck extends Component {
  readonly #origins = new Set<string>();
  readonly #hosts = new Set<string>();
  readonly #sameHost: boolean;
  readonly #allowMissing: boolean;

  /**
   * Wraps an application.
   *
   * @param inner What it wraps.
   * @param options See {@linkcode OriginCheckOptions}.
   * @throws {TypeError} When `inner` can't stand there.
   * @throws {SyntaxError} When an origin is neither an origin nor a host name.
   */
  constructor(inner: Application, options: OriginCheckOptions) {
    super(inner);
    this.#sameHost = options.sameHost ?? false;
    this.#allowMissing = options.allowMissing ?? false;
    for (const each of options.origins) {
      const isOrigin = each.includes("://");
      const url = URL.parse(isOrigin ? each : `http://${each}`);
      const isWhole = url !== null && url.pathname === "/" && !each.endsWith("/") &&
        (isOrigin || url.host === each.toLowerCase());
      if (!isWhole || url.search !== "" || url.hash !== "") {
        throw new SyntaxError(`Cannot check origins as ${each} is neither an origin nor a host`);
      }
      if (isOrigin) this.#origins.add(url.origin);
      else this.#hosts.add(url.hostname);
    }
  }

  /** Refuses pages of other origins. */
  override onHandshake(
    request: HandshakeRequest,
  ): HandshakeAnswer | void | Promise<HandshakeAnswer | void> {
    const origin = request.headers.get("origin");
    const isAllowed = origin === null ? this.#allowMissing : this.#allows(origin, request.url);
    if (isAllowed) return super.onHandshake(request);
    return { status: 403, body: "This origin may not connect" };
  }

  #allows(origin: string, target: URL): boolean {
    const url = URL.parse(origin);
    if (url === null) return false;
    if (this.#sameHost && url.hostname === target.hostname) return true;
    return this.#origins.has(url.origin) || this.#hosts.has(url.hostname);
  }
}
