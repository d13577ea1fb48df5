import { Buffer } from "node:buffer";

/** The head of an HTTP request, as far as it is well-formed. */
export interface RequestHead {
  /** The method, in the case that was sent. */
  readonly method: string;
  /** The request target. */
  readonly target: string;
  /** The minor version of HTTP/1. */
  readonly minorVersion: number;
  /** The header fields in their order, names in lower case. */
  readonly fields: readonly HeaderField[];
  /** The header fields as they came; {@linkcode parseHeaderFields} reads them again. */
  readonly fieldText: string;
}

/** A header field. */
export type HeaderField = readonly [name: string, value: string];

/** Limits of {@linkcode parseRequestHead}. */
export interface RequestHeadLimits {
  /** Most header fields. */
  maxFields: number;
}

/** A request that can't be answered with 101. */
export interface Refusal {
  /** The status of the answer. */
  readonly status: number;
  /** Header fields of the answer. */
  readonly headers?: readonly HeaderField[];
  /** What is wrong, for people. */
  readonly body?: string;
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.([0-9])$/;
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/s;
// deno-lint-ignore no-control-regex -- control characters are what must not be there
const FORBIDDEN = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Where the head of a request ends.
 *
 * @param bytes What has arrived.
 * @param from Where to begin to look; what is before was looked at.
 * @returns The place behind the empty line, or -1 when it is not there yet.
 */
export function findHeadEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x0a, Math.max(3, from)); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at - 1] === 0x0d && bytes[at - 2] === 0x0a && bytes[at - 3] === 0x0d) return at + 1;
  }
  return -1;
}

/**
 * Reads the head of a request (RFC 9112, 2 to 5), strictly.
 *
 * @param bytes The head, with the empty line that ends it.
 * @param limits See {@linkcode RequestHeadLimits}.
 * @returns The head, or how to refuse it.
 */
export function parseRequestHead(
  bytes: Uint8Array<ArrayBuffer>,
  limits: RequestHeadLimits,
): RequestHead | Refusal {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - 4).toString("latin1");
  const end = text.indexOf("\r\n");
  const first = end < 0 ? text : text.slice(0, end);
  const fieldText = end < 0 ? "" : text.slice(end + 2);
  const line = REQUEST_LINE.exec(first);
  if (line === null) {
    return / HTTP\/[02-9]/.test(first)
      ? { status: 505, body: "Only HTTP/1.1 is spoken here" }
      : { status: 400, body: "The request line is malformed" };
  }
  const fields = parseHeaderFields(fieldText);
  if (fields === null) return { status: 400, body: "A header field is malformed" };
  if (fields.length > limits.maxFields) return { status: 431, body: "Too many header fields" };
  return { method: line[1], target: line[2], minorVersion: Number(line[3]), fields, fieldText };
}

/**
 * Reads header fields (RFC 9112, 5).
 *
 * @param text The lines, without the empty one that ends them.
 * @returns The fields in their order, names in lower case, or `null` when one is malformed.
 */
export function parseHeaderFields(text: string): HeaderField[] | null {
  const fields: HeaderField[] = [];
  if (text === "") return fields;
  for (const line of text.split("\r\n")) {
    const field = FIELD.exec(line);
    if (field === null || FORBIDDEN.test(field[2])) return null;
    fields.push([field[1].toLowerCase(), field[2]]);
  }
  return fields;
}
