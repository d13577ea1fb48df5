/**
 * How web applications write sessions, without stores: runs in Deno, Node and browsers alike.
 *
 * @example Change one key of a PHP session
 * ```ts
 * import { PhpSessionCodec } from "@sluice/sluice/websocket/session/codec";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const codec = new PhpSessionCodec({ handler: "php_serialize" });
 * const result = codec.decode(new TextEncoder().encode('a:1:{s:1:"n";i:1;}'));
 * assert(result.ok);
 * result.document.put("n", codec.freeze("n", 2));
 * assertEquals(new TextDecoder().decode(result.document.encode()), 'a:1:{s:1:"n";i:2;}');
 * ```
 *
 * @module
 */
export {
  type ExpressCookie,
  JsonSessionCodec,
  type JsonSessionCodecOptions,
} from "./json_session_codec.ts";
export { PhpSessionCodec, type PhpSessionCodecOptions } from "./php_session_codec.ts";
export type { SessionCodec, SessionDecodeResult, SessionDocument } from "./session_codec.ts";
