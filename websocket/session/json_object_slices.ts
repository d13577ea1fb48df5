/**
 * Cuts the text of a JSON object into the texts of its values, so that those
 * that nobody touches stay as they are, down to the digits of a number.
 *
 * @param text The text.
 * @returns The values by key, of equal keys the last; or `null` when it is no JSON object.
 */
export function sliceJsonObject(text: string): Map<string, string> | null {
  if (!isJsonObject(text)) return null;
  const slices = new Map<string, string>();
  let at = text.indexOf("{") + 1;
  for (;;) {
    const start = skip(text, at, BLANK);
    if (text[start] !== '"') return slices;
    const keyEnd = stringEnd(text, start);
    const valueStart = skip(text, text.indexOf(":", keyEnd) + 1, BLANK);
    const valueEnd = endOfValue(text, valueStart);
    slices.set(
      JSON.parse(text.slice(start, keyEnd)) as string,
      text.slice(valueStart, valueEnd).trimEnd(),
    );
    at = valueEnd + 1;
  }
}

const BLANK = " \t\r\n";

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function skip(text: string, from: number, characters: string): number {
  let at = from;
  while (at < text.length && characters.includes(text[at]!)) at++;
  return at;
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Where the comma or brace behind a value is. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start;;) {
    const character = text[at]!;
    if (character === '"') {
      at = stringEnd(text, at);
      continue;
    }
    if (depth === 0 && (character === "," || character === "}")) return at;
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    at++;
  }
}
