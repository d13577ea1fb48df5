import { constants, inflateRawSync, type ZlibOptions } from "node:zlib";
import { SlidingWindow } from "./sliding_window.ts";

/** What ends every compressed message, and is cut off before it is sent (RFC 7692, 7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
/** Most DEFLATE streams a message: each one begins anew, which takes long for few bytes. */
const MAX_STREAMS = 16;
const LEAST_CHUNK = 64;
const MAX_CHUNK = 65_536;

/** What `inflateRawSync` returns when asked for more information. */
interface Inflated {
  readonly buffer: Uint8Array<ArrayBuffer>;
  readonly engine: { readonly bytesWritten: number };
}

/** Options of {@linkcode MessageInflater}. */
export interface MessageInflaterOptions {
  /** The base-two logarithm of the window that the peer compresses with. */
  windowBits: number;
  /** Whether the peer begins each message with an empty window. */
  noContextTakeover: boolean;
}

/**
 * Decompresses messages (RFC 7692, 7.2.2). Between messages only the window is
 * kept, and only when the peer may refer to it.
 */
export class MessageInflater {
  readonly #window: SlidingWindow | null;

  /**
   * @param options See {@linkcode MessageInflaterOptions}.
   */
  constructor(options: MessageInflaterOptions) {
    this.#window = options.noContextTakeover ? null : new SlidingWindow(options.windowBits);
  }

  /**
   * Decompresses one message.
   *
   * @param payload The message as it came.
   * @param maxBytes How long it may become; hardly more is ever decompressed.
   * @returns The message, or what is wrong with it.
   */
  inflate(
    payload: Uint8Array,
    maxBytes: number,
  ): Uint8Array<ArrayBuffer> | "corrupt" | "too big" {
    const input = new Uint8Array(payload.length + TAIL.length);
    input.set(payload);
    input.set(TAIL, payload.length);
    const window = this.#window ?? new SlidingWindow(15);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    let at = 0;
    // A peer may end a DEFLATE stream inside of a message and begin another one.
    for (let streams = 0; at < input.length; streams++) {
      if (streams === MAX_STREAMS) return "corrupt";
      const result = inflateStream(input.subarray(at), {
        maxBytes: maxBytes - length,
        dictionary: window.bytes,
      });
      if (typeof result === "string") return result;
      if (result.engine.bytesWritten === 0) return "corrupt";
      at += result.engine.bytesWritten;
      length += result.buffer.length;
      parts.push(result.buffer);
      if (this.#window !== null || at < input.length) window.push(result.buffer);
    }
    return parts.length === 1 ? parts[0] : join(parts, length);
  }
}

function inflateStream(
  input: Uint8Array,
  options: { maxBytes: number; dictionary: Uint8Array },
): Inflated | "corrupt" | "too big" {
  const { maxBytes, dictionary } = options;
  const settings: ZlibOptions & { info: true } = {
    info: true,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: Math.min(Math.max(input.length * 4, LEAST_CHUNK), MAX_CHUNK),
    // Zero is refused, and one byte more is what tells a long message from a full one.
    maxOutputLength: maxBytes + 1,
  };
  if (dictionary.length > 0) settings.dictionary = dictionary;
  try {
    const result = inflateRawSync(input, settings) as unknown as Inflated;
    return result.buffer.length > maxBytes ? "too big" : result;
  } catch (error) {
    const isTooBig = error instanceof RangeError;
    return isTooBig ? "too big" : "corrupt";
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
