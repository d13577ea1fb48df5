import type { StreamAddress } from "../loop/mod.ts";
import type { Attributes } from "./attribute.ts";

/** The HTTP request that opens a connection. */
export interface HandshakeRequest {
  /** What was asked for, as `ws:` or `wss:` URL; its host is what the client believes. */
  readonly url: URL;
  /** The header fields. */
  readonly headers: Headers;
  /** The cookies by name; of equal names the first counts. Values are not decoded. */
  readonly cookies: ReadonlyMap<string, string>;
  /** The subprotocols that the client offers, in its order. */
  readonly subprotocols: readonly string[];
  /** Where the client is, or `null` when the front can't tell. */
  readonly remoteAddress: StreamAddress | null;
  /** Whether the connection is encrypted as far as the front can tell. */
  readonly secure: boolean;
  /** What is kept with the connection; the same object as the connection's. */
  readonly attributes: Attributes;
}

/**
 * What a component has to say to a handshake: header fields for the answer, or
 * a status that refuses it.
 */
export interface HandshakeAnswer {
  /**
   * The status that refuses the handshake, from 300 to 599.
   *
   * @default {none: the handshake goes on}
   */
  status?: number;
  /**
   * Further header fields of the answer.
   *
   * @default {none}
   */
  headers?: readonly (readonly [name: string, value: string])[];
  /**
   * The text of a refusal.
   *
   * @default {the words that belong to the status}
   */
  body?: string;
}
