import type { StreamAddress } from "../../loop/mod.ts";
import { Attributes } from "../attribute.ts";
import type { HandshakeRequest } from "../handshake_request.ts";
import { parseCookies } from "../protocol/cookies.ts";
import type { Handshake } from "../protocol/handshake.ts";

/** The request of a connection on the loop. Most is read only when somebody asks. */
export class LoopRequest implements HandshakeRequest {
  readonly url: URL;
  readonly subprotocols: readonly string[];
  readonly remoteAddress: StreamAddress | null;
  readonly secure: boolean;
  readonly attributes: Attributes = new Attributes();
  readonly #fields: Handshake["fields"];
  #headers: Headers | null = null;
  #cookies: ReadonlyMap<string, string> | null = null;

  /**
   * @param handshake What the client sent.
   * @param remoteAddress Where it is.
   */
  constructor(handshake: Handshake, remoteAddress: StreamAddress) {
    this.url = handshake.url;
    this.subprotocols = handshake.subprotocols;
    this.secure = handshake.url.protocol === "wss:";
    this.remoteAddress = remoteAddress;
    this.#fields = handshake.fields;
  }

  get headers(): Headers {
    this.#headers ??= new Headers(this.#fields.map(([name, value]) => [name, value]));
    return this.#headers;
  }

  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= parseCookies(
      this.#fields.filter(([name]) => name === "cookie").map(([, value]) => value).join(";"),
    );
    return this.#cookies;
  }
}
