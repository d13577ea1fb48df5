import { decode, DecodeError, encode } from "@msgpack/msgpack";
import { isWholeMsgpack } from "./msgpack_shape.ts";
import type { Serializer } from "./serializer.ts";

/** `wamp.2.msgpack`: a message is a value of MessagePack. */
export const msgpackSerializer: Serializer = {
  subprotocol: "wamp.2.msgpack",

  encode: (message) => encode(message, { ignoreUndefined: true }),

  decode(data) {
    if (typeof data === "string" || !isWholeMsgpack(data)) return undefined;
    try {
      return decode(data);
    } catch (error) {
      // Strings that are no UTF-8, keys that are neither text nor number.
      if (error instanceof DecodeError || error instanceof RangeError) return undefined;
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  },
};
