import { Byte } from "./_ascii.ts";
import { Decoder } from "./_decoder.ts";
import { Encoder } from "./_encoder.ts";
import { attempt } from "./_fault.ts";
import { Reader } from "./_reader.ts";
import type { Writer } from "./_writer.ts";
import { entriesOf, PhpArray } from "./array.ts";
import { bytesOf, PhpBytes } from "./bytes.ts";
import { decode } from "./decode.ts";
import { encode, resolveDepth } from "./encode.ts";
import type { EncodeOptions } from "./encode.ts";
import type { PhpKey } from "./key.ts";
import { resolveLimits } from "./limits.ts";
import type { DecodeLimits } from "./limits.ts";
import { showName } from "./name.ts";
import { dereference } from "./reference.ts";
import type { DecodeFailure } from "./result.ts";

/** How PHP writes a session, which is its setting `session.serialize_handler`. */
export type SessionHandler = "php" | "php_binary" | "php_serialize";

/** What {@link decodeSession} reads. */
export interface DecodeSessionOptions extends DecodeLimits {
  /**
   * The form of the session.
   * @default "php"
   */
  readonly handler?: SessionHandler;
}

/** What {@link encodeSession} writes. */
export interface EncodeSessionOptions extends EncodeOptions {
  /**
   * The form of the session.
   * @default "php"
   */
  readonly handler?: SessionHandler;
}

/** The variables of a session, or why there are none. */
export type SessionResult =
  | {
    /** Tells a success from a failure. */
    readonly ok: true;
    /** The variables in order. */
    readonly value: PhpArray;
  }
  | DecodeFailure;

const HANDLERS: readonly SessionHandler[] = ["php", "php_binary", "php_serialize"];

/** The length byte of `php_binary` has seven bits. */
const MAX_BINARY_NAME = 127;

/** A name that a session handler cannot store, and that PHP would drop or lose the session over. */
export class SessionNameError extends RangeError {
  /** The name of this class. */
  override readonly name = "SessionNameError";
  /** The name of the variable. */
  readonly variable: PhpKey;
  /** The handler that cannot store it. */
  readonly handler: SessionHandler;

  /**
   * Tells which name cannot be stored and why.
   *
   * @param variable The name of the variable.
   * @param handler The handler.
   * @param why What is wrong with the name.
   */
  constructor(variable: PhpKey, handler: SessionHandler, why: string) {
    const form = showName(String(variable));
    super(`Cannot encode the session as handler ${handler} cannot store the name ${form}: ${why}`);
    this.variable = variable;
    this.handler = handler;
  }
}

/**
 * Reads a session. All variables of a session share one numbering for references, whichever the
 * handler, so that a variable may refer to another.
 *
 * @example Change one variable and leave the others
 * ```ts
 * import { decodeSession, encodeSession } from "@sluice/sluice/php";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode('name|s:3:"Bob";user|O:4:"User":0:{}again|r:2;');
 * const session = decodeSession(bytes);
 * assert(session.ok);
 * session.value.set("name", "Zoë");
 *
 * const written = encodeSession(session.value);
 * assertEquals(
 *   new TextDecoder().decode(written),
 *   'name|s:4:"Zoë";user|O:4:"User":0:{}again|r:2;',
 * );
 * ```
 *
 * @param bytes The session as PHP stored it; nothing at all is an empty session.
 * @param options The handler, and the limits.
 * @returns The variables, or what is wrong with the input.
 * @throws {RangeError} When the handler is unknown or a limit out of range; never because of the input.
 */
export function decodeSession(
  bytes: Uint8Array,
  options: DecodeSessionOptions = {},
): SessionResult {
  const handler = checkHandler(options.handler ?? "php");
  const limits = resolveLimits(options);
  if (handler === "php_serialize") return decodeWhole(bytes, limits);
  return attempt<SessionResult>(() => {
    const reader = new Reader(bytes, 0);
    if (bytes.length > limits.maxBytes) {
      reader.fail(`Longer than ${limits.maxBytes} bytes`, limits.maxBytes, "limit");
    }
    const decoder = new Decoder(reader, limits);
    const variables = new PhpArray();
    const entries = entriesOf(variables);
    while (reader.at < reader.end) {
      if (entries.size >= limits.maxElements) {
        reader.fail(`More than ${limits.maxElements} variables`, reader.at, "limit");
      }
      decoder.read(entries, handler === "php" ? nameBeforePipe(reader) : nameByLength(reader));
    }
    return { ok: true, value: variables };
  });
}

/**
 * Writes a session as PHP would.
 *
 * @param variables The variables in order.
 * @param options The handler, and how deep values may be nested.
 * @returns The bytes.
 * @throws {SessionNameError} When the handler cannot store a name: `php` none with `|`,
 * `php_binary` none over 127 bytes, and neither of them an integer.
 * @throws {TypeError} When something in a variable is no PHP value.
 * @throws {RangeError} When the handler is unknown, an integer out of range, the nesting too deep, or
 * a custom payload refers by number to values that now have other numbers.
 */
export function encodeSession(
  variables: PhpArray,
  options: EncodeSessionOptions = {},
): Uint8Array {
  const handler = checkHandler(options.handler ?? "php");
  if (handler === "php_serialize") return encode(variables, options);
  const encoder = new Encoder(resolveDepth(options));
  const entries = entriesOf(variables);
  for (let place = 0; place < entries.end; place++) {
    if (!entries.has(place)) continue;
    writeName(encoder.writer, entries.keyAt(place), handler);
    encoder.write(entries.slotAt(place));
  }
  return encoder.writer.finish();
}

function decodeWhole(bytes: Uint8Array, limits: Required<DecodeLimits>): SessionResult {
  if (bytes.length === 0) return { ok: true, value: new PhpArray() };
  const result = decode(bytes, limits);
  if (!result.ok) return result;
  const value = dereference(result.value);
  if (value instanceof PhpArray) return { ok: true, value };
  const reason = "The session is no array";
  return { ok: false, error: { code: "malformed", offset: 0, reason } };
}

function nameBeforePipe(reader: Reader): PhpKey {
  const start = reader.at;
  while (reader.byte() !== Byte.PIPE);
  return reader.text(start, reader.at - 1);
}

function nameByLength(reader: Reader): PhpKey {
  const length = reader.byte();
  if (length > MAX_BINARY_NAME) reader.fail("A name is too long", reader.at - 1);
  const start = reader.at;
  reader.skip(length);
  return reader.text(start, reader.at);
}

function writeName(writer: Writer, name: PhpKey, handler: "php" | "php_binary"): void {
  if (typeof name !== "string" && !(name instanceof PhpBytes)) {
    throw new SessionNameError(name, handler, "it is an integer");
  }
  const bytes = bytesOf(name);
  if (handler === "php") {
    if (bytes.includes(Byte.PIPE)) throw new SessionNameError(name, handler, "it holds |");
    writer.bytes(bytes);
    writer.ascii("|");
    return;
  }
  if (bytes.length > MAX_BINARY_NAME) {
    throw new SessionNameError(name, handler, `it has more than ${MAX_BINARY_NAME} bytes`);
  }
  writer.ascii(String.fromCharCode(bytes.length));
  writer.bytes(bytes);
}

function checkHandler(handler: SessionHandler): SessionHandler {
  if (HANDLERS.includes(handler)) return handler;
  throw new RangeError(
    `Cannot use ${handler} as session handler: there are ${HANDLERS.join(", ")}`,
  );
}
