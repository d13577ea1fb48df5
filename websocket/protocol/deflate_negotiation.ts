import type { ExtensionOffer } from "./extensions.ts";

/** What a server is ready to agree on (RFC 7692, 7.1). */
export interface DeflatePolicy {
  /** Whether the server begins each message with an empty window. */
  serverNoContextTakeover: boolean;
  /** Whether the client must begin each message with an empty window. */
  clientNoContextTakeover: boolean;
  /** The base-two logarithm of the largest window the server compresses with. */
  serverMaxWindowBits: number;
  /** The base-two logarithm of the largest window the client may compress with. */
  clientMaxWindowBits: number;
}

/** What was agreed on, and how to say so. */
export interface DeflateAgreement extends DeflatePolicy {
  /** The value of `Sec-WebSocket-Extensions` in the answer. */
  readonly answer: string;
}

const NAME = "permessage-deflate";
const LARGEST_WINDOW_BITS = 15;

/** The parameters of one offer; `undefined` where one is missing. */
interface Offer {
  serverNoContextTakeover: boolean;
  clientNoContextTakeover: boolean;
  serverMaxWindowBits?: number;
  clientMaxWindowBits?: number;
}

/**
 * Agrees on compression.
 *
 * @param offers What the client offers, in its order.
 * @param policy What the server is ready to agree on.
 * @returns The agreement on the first offer that suits both, or `null` when there is none.
 */
export function negotiateDeflate(
  offers: readonly ExtensionOffer[],
  policy: DeflatePolicy,
): DeflateAgreement | null {
  for (const { name, parameters } of offers) {
    const offer = name.toLowerCase() === NAME ? readOffer(parameters) : null;
    const agreement = offer && agree(offer, policy);
    if (agreement !== null) return agreement;
  }
  return null;
}

function agree(offer: Offer, policy: DeflatePolicy): DeflateAgreement | null {
  const { clientMaxWindowBits: clientBits, serverMaxWindowBits: serverBits } = offer;
  // A client that does not name this parameter can't be told to use a smaller window.
  if (clientBits === undefined && policy.clientMaxWindowBits < LARGEST_WINDOW_BITS) return null;
  const agreed = {
    serverNoContextTakeover: offer.serverNoContextTakeover || policy.serverNoContextTakeover,
    clientNoContextTakeover: offer.clientNoContextTakeover || policy.clientNoContextTakeover,
    serverMaxWindowBits: Math.min(serverBits ?? LARGEST_WINDOW_BITS, policy.serverMaxWindowBits),
    clientMaxWindowBits: Math.min(clientBits ?? LARGEST_WINDOW_BITS, policy.clientMaxWindowBits),
  };
  const parts = [NAME];
  if (agreed.serverNoContextTakeover) parts.push("server_no_context_takeover");
  if (agreed.clientNoContextTakeover) parts.push("client_no_context_takeover");
  if (serverBits !== undefined || agreed.serverMaxWindowBits < LARGEST_WINDOW_BITS) {
    parts.push(`server_max_window_bits=${agreed.serverMaxWindowBits}`);
  }
  if (agreed.clientMaxWindowBits < LARGEST_WINDOW_BITS) {
    parts.push(`client_max_window_bits=${agreed.clientMaxWindowBits}`);
  }
  return { ...agreed, answer: parts.join("; ") };
}

function readOffer(parameters: ExtensionOffer["parameters"]): Offer | null {
  const offer: Offer = { serverNoContextTakeover: false, clientNoContextTakeover: false };
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (seen.has(name) || !readParameter(offer, name, value)) return null;
    seen.add(name);
  }
  return offer;
}

function readParameter(offer: Offer, name: string, value: string | true): boolean {
  switch (name) {
    case "server_no_context_takeover":
      offer.serverNoContextTakeover = true;
      return value === true;
    case "client_no_context_takeover":
      offer.clientNoContextTakeover = true;
      return value === true;
    case "server_max_window_bits":
      offer.serverMaxWindowBits = readBits(value);
      return offer.serverMaxWindowBits > 0;
    case "client_max_window_bits":
      offer.clientMaxWindowBits = value === true ? LARGEST_WINDOW_BITS : readBits(value);
      return offer.clientMaxWindowBits > 0;
    default:
      return false;
  }
}

/** The number of bits, or 0 when `value` is none. */
function readBits(value: string | true): number {
  return value !== true && /^([89]|1[0-5])$/.test(value) ? Number(value) : 0;
}
