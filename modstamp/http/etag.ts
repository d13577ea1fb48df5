import { digest } from "./digest.ts";

const BYTES = 12;

/** The entity tag of a value (RFC 9110). */
export function etagOf(value: Uint8Array): string {
  return `"${digest(value, BYTES)}"`;
}

/** Whether a request says that it has this value already. */
export function matchesEtag({ headers }: Request, value: Uint8Array): boolean {
  const wanted = headers.get("if-none-match");
  if (wanted === null) return false;
  // An id that has no value is nothing that there is.
  if (wanted.trim() === "*") return value.length > 0;
  const etag = etagOf(value);
  return wanted.split(",").some((each) => each.trim().replace(/^W\//, "") === etag);
}
