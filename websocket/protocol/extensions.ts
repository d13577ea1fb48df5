/** One extension that a client offers, with its parameters. */
export interface ExtensionOffer {
  /** The name of the extension. */
  readonly name: string;
  /** The parameters in their order; `true` for one without a value. */
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"';
const PART = new RegExp(
  `[ \\t]*(${TOKEN})[ \\t]*(?:=[ \\t]*(${TOKEN}|${QUOTED})[ \\t]*)?([;,]|$)`,
  "y",
);
const MAX_PARTS = 64;

/**
 * Reads the value of `Sec-WebSocket-Extensions` (RFC 6455, 9.1).
 *
 * @param value The value; several header fields are joined by commas.
 * @returns The offers in their order, or `null` when the value is malformed.
 */
export function parseExtensions(value: string): ExtensionOffer[] | null {
  const offers: ExtensionOffer[] = [];
  if (value.trim() === "") return offers;
  let parameters: [string, string | true][] | null = null;
  PART.lastIndex = 0;
  for (let parts = 0; parts < MAX_PARTS; parts++) {
    const match = PART.exec(value);
    if (match === null) return null;
    const [, name, text, separator] = match;
    if (parameters === null) {
      if (text !== undefined) return null;
      parameters = [];
      offers.push({ name, parameters });
    } else {
      parameters.push([name.toLowerCase(), text === undefined ? true : unquote(text)]);
    }
    if (separator === "") return offers;
    if (separator === ",") parameters = null;
  }
  return null;
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, "$1") : text;
}
