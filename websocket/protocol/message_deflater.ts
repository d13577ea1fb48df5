import { constants, deflateRawSync, type ZlibOptions } from "node:zlib";
import { SlidingWindow } from "./sliding_window.ts";

/** Bytes that every flushed stream ends with, and that are not sent. */
const TAIL_LENGTH = 4;
/** The smallest window that the library compresses with; it never reaches back over 256 bytes. */
const LEAST_WINDOW_BITS = 9;

/** Options of {@linkcode MessageDeflater}. */
export interface MessageDeflaterOptions {
  /** The base-two logarithm of the window to compress with. */
  windowBits: number;
  /** Whether to begin each message with an empty window. */
  noContextTakeover: boolean;
  /** How hard to try, from 1 to 9. */
  level: number;
  /** How much memory compressing takes while it runs, from 1 to 9. */
  memLevel: number;
}

/**
 * Compresses messages (RFC 7692, 7.2.1). Between messages only the window is
 * kept, and only when later messages may refer to it.
 */
export class MessageDeflater {
  /** The base-two logarithm of the window. */
  readonly windowBits: number;
  readonly #settings: ZlibOptions;
  readonly #window: SlidingWindow | null;

  /**
   * @param options See {@linkcode MessageDeflaterOptions}.
   */
  constructor(options: MessageDeflaterOptions) {
    this.windowBits = options.windowBits;
    this.#settings = {
      finishFlush: constants.Z_SYNC_FLUSH,
      level: options.level,
      memLevel: options.memLevel,
      windowBits: Math.max(options.windowBits, LEAST_WINDOW_BITS),
    };
    this.#window = options.noContextTakeover ? null : new SlidingWindow(options.windowBits);
  }

  /**
   * Compresses one message, which must then be sent.
   *
   * @returns The message as it is sent, or `null` when it did not become shorter.
   */
  deflate(message: Uint8Array): Uint8Array | null {
    const dictionary = this.#window?.bytes;
    const settings = dictionary?.length ? { ...this.#settings, dictionary } : this.#settings;
    const deflated = deflate(message, settings);
    if (deflated !== null) this.#window?.push(message);
    return deflated;
  }

  /**
   * Compresses a message so that any connection with this window can send it,
   * whatever it has sent before; each that does calls {@linkcode sent}.
   *
   * @returns The message as it is sent, or `null` when it did not become shorter.
   */
  deflateAlone(message: Uint8Array): Uint8Array | null {
    return deflate(message, this.#settings);
  }

  /** Takes note of a message that was compressed by another deflater and sent here. */
  sent(message: Uint8Array): void {
    this.#window?.push(message);
  }
}

function deflate(message: Uint8Array, settings: ZlibOptions): Uint8Array | null {
  const deflated = deflateRawSync(message, settings);
  const length = deflated.length - TAIL_LENGTH;
  return length > 0 && length < message.length ? deflated.subarray(0, length) : null;
}
