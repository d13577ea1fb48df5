/**
 * The packets of the modstamp protocol, without sockets: runs in Deno, Node and browsers alike.
 *
 * @example A query as it goes over the wire
 * ```ts
 * import { encodeHeader, encodeMessages } from "@sluice/sluice/modstamp/codec";
 * import { assertEquals } from "@std/assert";
 *
 * const [body] = encodeMessages([{ kind: "query", id: "test", value: new Uint8Array() }]);
 * const packet = Uint8Array.from([...encodeHeader("", ""), ...body]);
 * assertEquals(packet.toHex(), "0051010474657374");
 * ```
 *
 * @module
 */
export { isId } from "./id.ts";
export {
  type DecodedMessages,
  decodeMessages,
  encodeMessages,
  type Message,
  type MessageKind,
} from "./message.ts";
export { decodeHeader, encodeHeader, type PacketHeader } from "./packet.ts";
