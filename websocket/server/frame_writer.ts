import type { StreamSocket } from "../../loop/mod.ts";
import {
  encodeFrame,
  type EncodeFrameOptions,
  encodeText,
  FrameEncoder,
} from "../protocol/frame_encoder.ts";

/**
 * Writes frames to streams. Frames for the stream whose chunk is being read
 * are held back until the chunk is used up, and then written together.
 */
export class FrameWriter {
  readonly #encoder = new FrameEncoder();
  #corked: StreamSocket | null = null;
  #goOn = true;

  /** Bytes held back for `stream`. */
  heldBytes(stream: StreamSocket): number {
    return stream === this.#corked ? this.#encoder.at : 0;
  }

  /** Begins to hold frames for `stream` back. */
  cork(stream: StreamSocket): void {
    this.#corked = stream;
    this.#goOn = true;
  }

  /**
   * Writes what was held back.
   *
   * @returns Whether to go on: `false` when the stream's queue is full.
   */
  uncork(): boolean {
    this.#flush();
    this.#corked = null;
    return this.#goOn;
  }

  /**
   * Writes what is held back for `stream`, as something else is about to follow.
   *
   * @returns Whether to go on.
   */
  flush(stream: StreamSocket): boolean {
    if (stream !== this.#corked) return true;
    this.#flush();
    return this.#goOn;
  }

  /** Writes a text message. */
  text(stream: StreamSocket, text: string): boolean {
    const encoder = this.#encoder;
    if (!encoder.hasRoomForText(text)) {
      this.#flush();
      if (!encoder.hasRoomForText(text)) return stream.write(encodeText(text), BORROWED);
    }
    const start = encoder.at;
    encoder.text(text);
    return this.#written(stream, start);
  }

  /** Writes a frame with a payload of bytes. */
  frame(
    stream: StreamSocket,
    frame: { opcode: number; payload: Uint8Array } & EncodeFrameOptions,
  ): boolean {
    const encoder = this.#encoder;
    const { opcode, payload } = frame;
    if (!encoder.hasRoomFor(payload)) {
      this.#flush();
      if (!encoder.hasRoomFor(payload)) {
        return stream.write(encodeFrame(opcode, payload, frame), BORROWED);
      }
    }
    const start = encoder.at;
    encoder.frame(opcode, payload, frame);
    return this.#written(stream, start);
  }

  /** Writes a frame that was encoded before and does not change. */
  encoded(stream: StreamSocket, frame: Uint8Array): boolean {
    if (stream === this.#corked) this.#flush();
    return stream.write(frame, BORROWED);
  }

  #written(stream: StreamSocket, start: number): boolean {
    const encoder = this.#encoder;
    if (stream === this.#corked) return this.#goOn;
    const { at } = encoder;
    encoder.at = start;
    return stream.write(encoder.bytes.subarray(start, at));
  }

  #flush(): void {
    const { bytes, at } = this.#encoder;
    if (at === 0) return;
    this.#encoder.at = 0;
    this.#goOn = this.#corked!.write(bytes.subarray(0, at)) && this.#goOn;
  }
}

const BORROWED = { borrowed: true } as const;
