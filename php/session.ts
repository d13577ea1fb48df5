import { Decoder } from "./_decoder.ts";
import { Encoder } from "./_encoder.ts";
import { attempt } from "./_fault.ts";
import { Reader } from "./_reader.ts";
import { readName, writeName } from "./_session_name.ts";
import { entriesOf, PhpArray } from "./array.ts";
import { decode } from "./decode.ts";
import { encode, resolveDepth } from "./encode.ts";
import type { EncodeOptions } from "./encode.ts";
import { resolveLimits } from "./limits.ts";
import type { DecodeLimits } from "./limits.ts";
import { PhpReference } from "./reference.ts";
import type { DecodeFailure } from "./result.ts";
import { checkHandler } from "./session_handler.ts";
import type { SessionHandler } from "./session_handler.ts";

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
  const handler = checkHandler(options.handler);
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
      decoder.read(entries, readName(reader, handler));
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
  const handler = checkHandler(options.handler);
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
  const { value } = result;
  if (value instanceof PhpArray) return { ok: true, value };
  // PHP copies the whole for a reference to it, so that it never writes this.
  const isReference = value instanceof PhpReference;
  const reason = isReference ? "A reference leads to the whole" : "The session is no array";
  return { ok: false, error: { code: "malformed", offset: 0, reason } };
}
