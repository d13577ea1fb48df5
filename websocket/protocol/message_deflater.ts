import { constants, deflateRawSync, type ZlibOptions } from "node:zlib";
import { DeflateContext } from "./deflate_context.ts";

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
  /** How much memory compressing takes, from 1 to 9. */
  memLevel: number;
}

/**
 * Compresses messages (RFC 7692, 7.2.1). Between messages nothing is kept,
 * unless later ones may refer to earlier ones.
 */
export class MessageDeflater {
  /** The base-two logarithm of the window. */
  readonly windowBits: number;
  readonly #settings: ZlibOptions;
  readonly #takesOver: boolean;
  #context: DeflateContext | null = null;

  /**
   * @param options See {@linkcode MessageDeflaterOptions}.
   */
  constructor(options: MessageDeflaterOptions) {
    this.windowBits = options.windowBits;
    this.#takesOver = !options.noContextTakeover;
    this.#settings = {
      finishFlush: constants.Z_SYNC_FLUSH,
      level: options.level,
      memLevel: options.memLevel,
      windowBits: Math.max(options.windowBits, LEAST_WINDOW_BITS),
    };
  }

  /**
   * Compresses one message.
   *
   * @returns The message as it is sent, or `null` when it did not become shorter.
   */
  deflate(message: Uint8Array): Uint8Array | null {
    if (!this.#takesOver) return this.deflateAlone(message);
    this.#context ??= DeflateContext.create(this.#settings);
    if (this.#context === null) return this.deflateAlone(message);
    const deflated = cut(this.#context.deflate(message), message);
    // What is not sent compressed is not in the window of the peer.
    if (deflated === null) this.#context.reset();
    return deflated;
  }

  /**
   * Compresses a message so that any connection with this window can send it,
   * whatever it has sent before; each that does calls {@linkcode forget}.
   *
   * @returns The message as it is sent, or `null` when it did not become shorter.
   */
  deflateAlone(message: Uint8Array): Uint8Array | null {
    return cut(deflateRawSync(message, this.#settings), message);
  }

  /** Refers no more to what was sent, as something else was sent since. */
  forget(): void {
    this.#context?.reset();
  }

  /** Gives its memory back. */
  close(): void {
    this.#context?.close();
    this.#context = null;
  }
}

function cut(deflated: Uint8Array, message: Uint8Array): Uint8Array | null {
  const length = deflated.length - TAIL_LENGTH;
  return length > 0 && length < message.length ? deflated.subarray(0, length) : null;
}
