/**
 * PHP's serialized data, read and written without loss: the format of `serialize()`, the three
 * forms of sessions, and job lines.
 *
 * {@link decode} gives values that hold everything the bytes say, down to the text of a float, the
 * order of keys, the visibility of properties and the identity of objects and references;
 * {@link encode} gives the same bytes again. Classes are never instantiated: an object is a class
 * name and properties. {@link toPlain} and {@link fromPlain} convert to and from plain values.
 *
 * Everything works on bytes alone, with limits, in linear time and without recursion, and runs in
 * Deno, Node and browsers alike.
 *
 * @module
 */

export { PhpArray } from "./array.ts";
export { bytesOf, PhpBytes, type PhpString, phpString } from "./bytes.ts";
export { PhpCustom } from "./custom.ts";
export { decode, type DecodeOptions } from "./decode.ts";
export { encode, type EncodeOptions } from "./encode.ts";
export { PhpEnum } from "./enum.ts";
export { PhpFloat } from "./float.ts";
export { fromPlain, type FromPlainOptions } from "./from_plain.ts";
export {
  JobLineDecoder,
  type JobLineError,
  type JobLineOptions,
  type JobLineResult,
} from "./job_line.ts";
export type { JsonError, JsonResult, JsonValue } from "./json_value.ts";
export type { PhpKey } from "./key.ts";
export type { DecodeLimits } from "./limits.ts";
export { PhpObject } from "./object.ts";
export { formatPropertyName, parsePropertyName, type PropertyName } from "./property_name.ts";
export { dereference, PhpReference } from "./reference.ts";
export type { DecodeError, DecodeFailure, DecodeResult, DecodeSuccess } from "./result.ts";
export { PhpScanner, type ScannerOptions, type ScanResult } from "./scanner.ts";
export {
  decodeSession,
  type DecodeSessionOptions,
  encodeSession,
  type EncodeSessionOptions,
  type SessionResult,
} from "./session.ts";
export type { SessionHandler } from "./session_handler.ts";
export { SessionNameError } from "./session_name_error.ts";
export { toJson, type ToJsonOptions } from "./to_json.ts";
export { type Plain, toPlain, type ToPlainOptions } from "./to_plain.ts";
export type { PhpSlot, PhpValue } from "./value.ts";
