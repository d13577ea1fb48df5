import { constants, inflateRawSync, type ZlibOptions } from "node:zlib";
import { SlidingWindow } from "./sliding_window.ts";

/** What ends every compressed message, and is cut off before it is sent (RFC 7692, 7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
/** Most DEFLATE streams a message: each one begins anew, which takes long for few bytes. */
const MAX_STREAMS = 16;
const STORED_HEAD_BYTES = 5;
const LARGEST_WINDOW_BITS = 15;
const LEAST_CHUNK = 256;
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
    const window = this.#window ?? new SlidingWindow(LARGEST_WINDOW_BITS);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let input = withTail(payload);
    let left = maxBytes;
    // A peer may end a DEFLATE stream inside of a message and begin another one.
    for (let streams = 0; input.length > 0; streams++) {
      if (streams === MAX_STREAMS) return "corrupt";
      const result = inflateStream(input, { maxBytes: left, window: window.bytes });
      if (typeof result === "string") return result;
      const { output, consumed } = result;
      input = input.subarray(consumed);
      left -= output.length;
      parts.push(output);
      if (this.#window !== null || input.length > 0) window.push(output);
    }
    return parts.length === 1 ? parts[0] : join(parts, maxBytes - left);
  }
}

/**
 * Decompresses one stream. What is in the window goes before it as a block
 * that is stored, so that the stream can refer to it.
 */
function inflateStream(
  input: Uint8Array,
  options: { maxBytes: number; window: Uint8Array },
): { output: Uint8Array<ArrayBuffer>; consumed: number } | "corrupt" | "too big" {
  const { maxBytes, window } = options;
  const prefix = window.length === 0 ? 0 : STORED_HEAD_BYTES + window.length;
  const settings: ZlibOptions & { info: true } = {
    info: true,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: Math.min(Math.max(window.length + input.length * 4, LEAST_CHUNK), MAX_CHUNK),
    // Zero is refused, and one byte more is what tells a long message from a full one.
    maxOutputLength: window.length + maxBytes + 1,
  };
  try {
    const whole = prefix === 0 ? input : behindStored(window, input);
    const { buffer, engine } = inflateRawSync(whole, settings) as unknown as Inflated;
    // A copy, as a Buffer may stand in memory that others use.
    const output = new Uint8Array(buffer.subarray(window.length));
    const consumed = engine.bytesWritten - prefix;
    if (output.length > maxBytes) return "too big";
    return consumed > 0 ? { output, consumed } : "corrupt";
  } catch (error) {
    return error instanceof RangeError ? "too big" : "corrupt";
  }
}

/** `input` behind a block that holds `window` as it is (RFC 1951, 3.2.4). */
function behindStored(window: Uint8Array, input: Uint8Array): Uint8Array {
  const whole = new Uint8Array(STORED_HEAD_BYTES + window.length + input.length);
  const { length } = window;
  whole.set([0, length & 0xff, length >>> 8, ~length & 0xff, (~length >>> 8) & 0xff]);
  whole.set(window, STORED_HEAD_BYTES);
  whole.set(input, STORED_HEAD_BYTES + length);
  return whole;
}

function withTail(payload: Uint8Array): Uint8Array {
  const input = new Uint8Array(payload.length + TAIL.length);
  input.set(payload);
  input.set(TAIL, payload.length);
  return input;
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
