import type { StreamAddress } from "../../loop/mod.ts";
import { Attributes } from "../attribute.ts";
import type { HandshakeRequest } from "../handshake_request.ts";
import { parseCookies } from "../protocol/cookies.ts";
import type { Handshake } from "../protocol/handshake.ts";
import { type HeaderField, parseHeaderFields } from "../protocol/request_head.ts";

/**
 * The request of a connection on the loop. Most of it is read only when
 * somebody asks, so that a connection keeps little more than its text.
 */
export class LoopRequest implements HandshakeRequest {
  readonly subprotocols: readonly string[];
  readonly remoteAddress: StreamAddress | null;
  readonly #href: string;
  readonly #fieldText: string;
  #attributes: Attributes | null = null;
  #url: URL | null = null;
  #headers: Headers | null = null;
  #cookies: ReadonlyMap<string, string> | null = null;

  /**
   * @param handshake What the client sent.
   * @param remoteAddress Where it is.
   */
  constructor(handshake: Handshake, remoteAddress: StreamAddress) {
    this.subprotocols = handshake.subprotocols;
    this.remoteAddress = remoteAddress;
    this.#href = handshake.href;
    this.#fieldText = handshake.fieldText;
  }

  get url(): URL {
    return this.#url ??= new URL(this.#href);
  }

  get secure(): boolean {
    return this.#href.startsWith("wss:");
  }

  get headers(): Headers {
    return this.#headers ??= new Headers(this.#fields.map(([name, value]) => [name, value]));
  }

  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies ??= parseCookies(
      this.#fields.filter(([name]) => name === "cookie").map(([, value]) => value).join(";"),
    );
  }

  get attributes(): Attributes {
    return this.#attributes ??= new Attributes();
  }

  get #fields(): HeaderField[] {
    return parseHeaderFields(this.#fieldText)!;
  }
}
