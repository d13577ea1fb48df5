import type { StreamAddress } from "../../loop/mod.ts";
import { Attributes } from "../attribute.ts";
import type { HandshakeRequest } from "../handshake_request.ts";
import { parseCookies } from "../protocol/cookies.ts";

/** The request of a connection that another server has accepted. */
export class MountedRequest implements HandshakeRequest {
  readonly url: URL;
  readonly headers: Headers;
  readonly remoteAddress: StreamAddress | null;
  readonly attributes: Attributes = new Attributes();
  #cookies: ReadonlyMap<string, string> | null = null;

  /**
   * @param request What the server got.
   * @param remoteAddress Where the client is.
   */
  constructor(request: Request, remoteAddress: StreamAddress | null) {
    this.url = new URL(request.url);
    this.url.protocol = this.url.protocol === "https:" ? "wss:" : "ws:";
    // Those of the platform can't be read any more once the request is answered.
    this.headers = new Headers(request.headers);
    this.remoteAddress = remoteAddress;
  }

  get secure(): boolean {
    return this.url.protocol === "wss:";
  }

  get subprotocols(): readonly string[] {
    const value = this.headers.get("sec-websocket-protocol") ?? "";
    return value.split(",").map((each) => each.trim()).filter((each) => each !== "");
  }

  get cookies(): ReadonlyMap<string, string> {
    // Several fields are joined by a comma, which no cookie may contain.
    this.#cookies ??= parseCookies((this.headers.get("cookie") ?? "").replaceAll(", ", ";"));
    return this.#cookies;
  }
}
