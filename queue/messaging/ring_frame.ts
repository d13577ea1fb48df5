/** The longest frame in bytes, its head included. */
export const MAX_FRAME_BYTES = 131_072;

const HEAD_BYTES = 5;
const MORE = 1;

/**
 * Writes a message as frames of the Ring protocol: flags (1 byte, 1 for more follows), length
 * (4 bytes, big-endian, the head included) and a part of the message each. An empty message is one
 * frame without a part.
 *
 * @param message The message, of any length.
 * @returns The frames, one behind the other.
 */
export function encodeRingMessage(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const most = MAX_FRAME_BYTES - HEAD_BYTES;
  const count = Math.max(1, Math.ceil(message.length / most));
  const frames = new Uint8Array(message.length + count * HEAD_BYTES);
  const view = new DataView(frames.buffer);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const part = message.subarray(i * most, (i + 1) * most);
    frames[at] = i < count - 1 ? MORE : 0;
    view.setUint32(at + 1, part.length + HEAD_BYTES);
    frames.set(part, at + HEAD_BYTES);
    at += part.length + HEAD_BYTES;
  }
  return frames;
}

/** What is wrong with a stream of frames, or that nothing is. */
export type RingResult =
  | {
    /** Tells a success from a failure. */
    readonly ok: true;
  }
  | {
    /** Tells a failure from a success. */
    readonly ok: false;
    /** What is wrong, for people. */
    readonly reason: string;
  };

/** Puts messages together again, however the stream of frames is cut. */
export class RingDecoder {
  readonly #maxBytes: number;
  readonly #head = new Uint8Array(HEAD_BYTES);
  #headLength = 0;
  /** What is left of the part of the present frame. */
  #left = 0;
  #more = false;
  #message = new Uint8Array(0);
  #length = 0;

  /**
   * @param maxMessageBytes The longest message.
   */
  constructor(maxMessageBytes: number) {
    this.#maxBytes = maxMessageBytes;
  }

  /**
   * Takes the next bytes, and adds the messages that end in them.
   *
   * @returns What is wrong; the stream is then of no further use.
   */
  push(chunk: Uint8Array, messages: Uint8Array[]): RingResult {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headLength < HEAD_BYTES) {
        this.#head[this.#headLength++] = chunk[at++];
        if (this.#headLength < HEAD_BYTES) continue;
        const reason = this.#begin();
        if (reason !== null) return { ok: false, reason };
      }
      const end = Math.min(chunk.length, at + this.#left);
      this.#append(chunk.subarray(at, end));
      this.#left -= end - at;
      at = end;
      if (this.#left > 0) break;
      this.#headLength = 0;
      if (!this.#more) messages.push(this.#take());
    }
    return { ok: true };
  }

  #begin(): string | null {
    const size = new DataView(this.#head.buffer).getUint32(1);
    if (this.#head[0] > MORE) return `Cannot read frame as its flags are unknown: ${this.#head[0]}`;
    if (size < HEAD_BYTES || size > MAX_FRAME_BYTES) {
      return `Cannot read frame as its length is not from ${HEAD_BYTES} to ${MAX_FRAME_BYTES}: ${size}`;
    }
    this.#more = this.#head[0] === MORE;
    this.#left = size - HEAD_BYTES;
    if (this.#length + this.#left <= this.#maxBytes) return null;
    return `Cannot read message as it is longer than ${this.#maxBytes} bytes`;
  }

  #append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#message.length) {
      // Grows with what has come, never with what a head only announces.
      const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(length, length * 2)));
      grown.set(this.#message.subarray(0, this.#length));
      this.#message = grown;
    }
    this.#message.set(part, this.#length);
    this.#length = length;
  }

  #take(): Uint8Array {
    const message = this.#message.slice(0, this.#length);
    this.#message = new Uint8Array(0);
    this.#length = 0;
    return message;
  }
}
