/** What a frame between a supervisor and a worker carries. */
export const FrameKind = {
  /** A control message as JSON. */
  control: 0,
  /** Bytes for the program at the other end. */
  message: 1,
  /** A message of the bus. */
  publish: 2,
} as const;

/** One of {@linkcode FrameKind}. */
export type FrameKind = typeof FrameKind[keyof typeof FrameKind];

/** Called with each frame; `payload` is valid only during the call. */
export type FrameHandler = (kind: FrameKind, payload: Uint8Array<ArrayBuffer>) => void;

/** Bytes before the payload: its length (4 bytes, little-endian) and the kind (1 byte). */
const HEADER_BYTES = 5;

/** Longest payload that is accepted when nothing else is said. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** Puts the header before a payload. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  new DataView(frame.buffer).setUint32(0, payload.length, true);
  frame[4] = kind;
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Finds the frames in a run of bytes that arrives in pieces. */
export class FrameReader {
  readonly #maxBytes: number;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #held = 0;
  #wanted = HEADER_BYTES;

  /**
   * Makes a frame reader.
   *
   * @param options The longest payload that is accepted.
   */
  constructor(options: { maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? MAX_FRAME_BYTES;
  }

  /**
   * Hands over each frame that is complete, and keeps a copy of the rest.
   *
   * @returns What is wrong with the bytes, or `null`. After a fault nothing more can be read.
   */
  push(chunk: Uint8Array<ArrayBuffer>, onFrame: FrameHandler): string | null {
    this.#held += chunk.length;
    if (this.#held < this.#wanted) {
      this.#pieces.push(chunk.slice());
      return null;
    }
    const bytes = this.#pieces.length === 0 ? chunk : concat([...this.#pieces, chunk]);
    this.#wanted = HEADER_BYTES;
    let at = 0;
    for (; bytes.length - at >= HEADER_BYTES; at += this.#wanted, this.#wanted = HEADER_BYTES) {
      const length = readLength(bytes, at);
      const kind = bytes[at + 4];
      if (kind > FrameKind.publish) return `unknown kind of frame ${kind}`;
      if (length > this.#maxBytes) return `a frame of ${length} bytes is too long`;
      this.#wanted = HEADER_BYTES + length;
      if (at + this.#wanted > bytes.length) break;
      onFrame(kind as FrameKind, bytes.subarray(at + HEADER_BYTES, at + this.#wanted));
    }
    this.#held = bytes.length - at;
    this.#pieces = this.#held === 0 ? [] : [bytes.slice(at)];
    return null;
  }
}

function readLength(bytes: Uint8Array, at: number): number {
  return (bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24) >>> 0;
}

/** One run of bytes from several. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
