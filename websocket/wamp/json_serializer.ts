import { isTooDeep, MAX_DEPTH, type Serializer } from "./serializer.ts";

/** Bytes are a text that begins so, followed by their Base64. */
const BINARY_MARK = "\0";

/** `wamp.2.json`: a message is a text of JSON. */
export const jsonSerializer: Serializer = {
  subprotocol: "wamp.2.json",

  encode: (message) => JSON.stringify(message, replaceBytes),

  decode(data) {
    if (typeof data !== "string") return undefined;
    try {
      // Only a text with an escape can hold bytes, and only a long one can be deep.
      const value: unknown = data.includes("\\u0000")
        ? JSON.parse(data, reviveBytes)
        : JSON.parse(data);
      return data.length > MAX_DEPTH && isTooDeep(value) ? undefined : value;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
      throw error;
    }
  },
};

function replaceBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? BINARY_MARK + value.toBase64() : value;
}

function reviveBytes(_key: string, value: unknown): unknown {
  if (typeof value !== "string" || !value.startsWith(BINARY_MARK)) return value;
  return Uint8Array.fromBase64(value.slice(1));
}
