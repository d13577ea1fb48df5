import { acceptKey } from "./accept_key.ts";
import type { Refusal } from "./request_head.ts";

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  414: "URI Too Long",
  421: "Misdirected Request",
  426: "Upgrade Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
};

type Field = readonly [name: string, value: string];

/** What the answer to a handshake says. */
export interface AcceptanceOptions {
  /** The value of `Sec-WebSocket-Key`. */
  key: string;
  /** The subprotocol, or the empty string for none. */
  subprotocol: string;
  /** The value of `Sec-WebSocket-Extensions`, or the empty string for none. */
  extensions: string;
  /** Further header fields. */
  headers: readonly Field[];
}

/** The words that belong to `status`. */
export function reasonPhrase(status: number): string {
  return REASONS[status] ?? "Refused";
}

/** Encodes the answer that accepts a handshake (RFC 6455, 4.2.2). */
export function encodeAcceptance(options: AcceptanceOptions): Uint8Array<ArrayBuffer> {
  const fields: Field[] = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptKey(options.key)],
  ];
  if (options.subprotocol !== "") fields.push(["Sec-WebSocket-Protocol", options.subprotocol]);
  if (options.extensions !== "") fields.push(["Sec-WebSocket-Extensions", options.extensions]);
  return encodeHead("101 Switching Protocols", [...fields, ...options.headers], "");
}

/** Encodes the answer that refuses a handshake and ends the connection. */
export function encodeRefusal(refusal: Refusal): Uint8Array<ArrayBuffer> {
  const reason = reasonPhrase(refusal.status);
  const body = `${refusal.body ?? reason}\n`;
  const length = new TextEncoder().encode(body).length;
  const fields: Field[] = [
    ["Connection", "close"],
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(length)],
  ];
  return encodeHead(`${refusal.status} ${reason}`, [...fields, ...refusal.headers ?? []], body);
}

function encodeHead(
  status: string,
  fields: readonly Field[],
  body: string,
): Uint8Array<ArrayBuffer> {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return new TextEncoder().encode(`HTTP/1.1 ${status}\r\n${lines}\r\n${body}`);
}

/** Whether a header field can be sent as it is. */
export function isHeaderField([name, value]: Field): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && /^[\t\x20-\x7e\x80-\uffff]*$/.test(value);
}
