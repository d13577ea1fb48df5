import { constants, createDeflateRaw, type ZlibOptions } from "node:zlib";

/** What zlib's streams offer beside their asynchronous side. */
interface SyncStream {
  /** Compresses at once; the result is overwritten by the next call. */
  _processChunk(chunk: Uint8Array, flush: number): Uint8Array<ArrayBuffer>;
  /** The native part; `_processChunk` closes it and takes it away. */
  _handle: { close(): void };
  close(): void;
  reset(): void;
  removeAllListeners(event: string): void;
}

const nothing = (): void => {};

/**
 * A compressor that remembers what it has compressed, and works at once. The
 * platform documents only one or the other; where it can't do both, nothing is
 * remembered, which a peer can't tell from a poor compressor.
 */
export class DeflateContext {
  readonly #stream: SyncStream;

  private constructor(stream: SyncStream) {
    this.#stream = stream;
  }

  /** Makes a compressor, or `null` where the platform can't. */
  static create(settings: ZlibOptions): DeflateContext | null {
    const stream = createDeflateRaw(settings) as unknown as SyncStream;
    const isUsable = typeof stream._processChunk === "function" &&
      typeof stream._handle?.close === "function";
    return isUsable ? new DeflateContext(stream) : null;
  }

  /** Compresses `message` and flushes. */
  deflate(message: Uint8Array): Uint8Array<ArrayBuffer> {
    const stream = this.#stream;
    const handle = stream._handle;
    const close = stream.close;
    const closeHandle = handle.close;
    stream.close = nothing;
    handle.close = nothing;
    try {
      return stream._processChunk(message, constants.Z_SYNC_FLUSH).slice();
    } finally {
      stream._handle = handle;
      stream.close = close;
      handle.close = closeHandle;
      // Each call leaves one behind.
      stream.removeAllListeners("error");
    }
  }

  /** Forgets what was compressed. */
  reset(): void {
    this.#stream.reset();
  }

  /** Gives its memory back. */
  close(): void {
    this.#stream.close();
  }
}
