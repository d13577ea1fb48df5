import { isHandshakeKey } from "./accept_key.ts";
import { type ExtensionOffer, parseExtensions } from "./extensions.ts";
import type { Refusal, RequestHead } from "./request_head.ts";

/** An opening handshake that can be accepted as far as the protocol goes. */
export interface Handshake {
  /** The value of `Sec-WebSocket-Key`. */
  readonly key: string;
  /** What was asked for, as the text of a URL. */
  readonly href: string;
  /** The subprotocols that the client offers, in its order. */
  readonly subprotocols: readonly string[];
  /** The extensions that the client offers, in its order. */
  readonly extensions: readonly ExtensionOffer[];
  /** The header fields as they came. */
  readonly fieldText: string;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VERSION = "13";
const MAX_SUBPROTOCOLS = 64;
/** Fields of which a request must not have two. */
const SINGLE = ["host", "sec-websocket-key", "sec-websocket-version", "origin", "content-length"];

/** Options of {@linkcode readHandshake}. */
export interface ReadHandshakeOptions {
  /** Whether the connection is encrypted. */
  secure: boolean;
}

/**
 * Checks an opening handshake (RFC 6455, 4.2.1).
 *
 * @param head The request.
 * @param options See {@linkcode ReadHandshakeOptions}.
 * @returns The handshake, or how to refuse it.
 */
export function readHandshake(
  head: RequestHead,
  options: ReadHandshakeOptions,
): Handshake | Refusal {
  const fields = collect(head.fields);
  const refusal = refuseRequest(head, fields) ?? refuseUpgrade(head, fields);
  if (refusal !== null) return refusal;
  const href = readHref(head.target, fields.get("host")!, options);
  if (href === null) return bad("The request target or the host is malformed");
  const subprotocols = readSubprotocols(fields.get("sec-websocket-protocol"));
  if (subprotocols === null) return bad("Sec-WebSocket-Protocol is malformed");
  const extensions = parseExtensions(fields.get("sec-websocket-extensions") ?? "");
  if (extensions === null) return bad("Sec-WebSocket-Extensions is malformed");
  const key = fields.get("sec-websocket-key")!;
  return { key, href, subprotocols, extensions, fieldText: head.fieldText };
}

/** The fields by name, those of one name joined by commas. */
function collect(fields: RequestHead["fields"]): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of fields) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return values;
}

/** Refuses what is wrong as an HTTP request. */
function refuseRequest(head: RequestHead, fields: Map<string, string>): Refusal | null {
  if (head.method !== "GET") {
    return { status: 405, headers: [["Allow", "GET"]], body: "A handshake is a GET request" };
  }
  const double = SINGLE.find((name) => head.fields.filter((field) => field[0] === name).length > 1);
  if (double !== undefined) return bad(`The header field ${double} occurs twice`);
  if (!fields.has("host")) return bad("The header field host is missing");
  if (fields.has("transfer-encoding") || Number(fields.get("content-length") ?? 0) !== 0) {
    return bad("A handshake has no body");
  }
  return null;
}

/** Refuses what is wrong as an upgrade. */
function refuseUpgrade(head: RequestHead, fields: Map<string, string>): Refusal | null {
  const isUpgrade = hasToken(fields.get("upgrade"), "websocket") &&
    hasToken(fields.get("connection"), "upgrade");
  if (head.minorVersion === 0 || !isUpgrade) {
    return upgradeRequired("Only WebSocket is spoken here");
  }
  const version = fields.get("sec-websocket-version");
  if (version === undefined) return bad("Sec-WebSocket-Version is missing");
  if (version !== VERSION) return upgradeRequired("Only version 13 of WebSocket is spoken here");
  if (!isHandshakeKey(fields.get("sec-websocket-key") ?? "")) {
    return bad("Sec-WebSocket-Key is missing or malformed");
  }
  return null;
}

function upgradeRequired(body: string): Refusal {
  const headers = [["Upgrade", "websocket"], ["Sec-WebSocket-Version", VERSION]] as const;
  return { status: 426, headers, body };
}

function bad(body: string): Refusal {
  return { status: 400, body };
}

function hasToken(value: string | undefined, token: string): boolean {
  return value?.split(",").some((each) => each.trim().toLowerCase() === token) ?? false;
}

function readSubprotocols(value: string | undefined): string[] | null {
  if (value === undefined) return [];
  const names = value.split(",").map((each) => each.trim());
  const isValid = names.length <= MAX_SUBPROTOCOLS && names.every((name) => TOKEN.test(name)) &&
    new Set(names).size === names.length;
  return isValid ? names : null;
}

function readHref(target: string, host: string, options: ReadHandshakeOptions): string | null {
  const scheme = options.secure ? "wss" : "ws";
  if (!/^[^/?#@\\\s]+$/.test(host) || target.includes("#")) return null;
  const isAbsolute = /^(?:https?|wss?):\/\/[^/?#]+/i.test(target);
  if (!isAbsolute && !target.startsWith("/")) return null;
  const href = isAbsolute
    ? `${scheme}:${target.slice(target.indexOf(":") + 1)}`
    : `${scheme}://${host}${target}`;
  return URL.canParse(href) ? href : null;
}
