import { Buffer } from "node:buffer";
import { Opcode } from "./opcode.ts";

const FIN = 0x80;
const RSV1 = 0x40;
/** Small frames are written side by side into slabs of this size. */
const SLAB_BYTES = 16_384;
/** A frame larger than this gets memory of its own. */
const MAX_SLAB_FRAME = 4096;
const MAX_HEAD_BYTES = 10;
/** Up to this length text is written character by character. */
const SHORT_TEXT = 24;

const encoder = new TextEncoder();

/** How many bytes the head of an unmasked frame with `length` bytes of payload takes. */
function headSize(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : MAX_HEAD_BYTES;
}

function writeHead(bytes: Uint8Array, at: number, first: number, length: number): void {
  bytes[at] = first;
  if (length < 126) {
    bytes[at + 1] = length;
  } else if (length < 65_536) {
    bytes[at + 1] = 126;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
  } else {
    bytes[at + 1] = 127;
    const high = Math.floor(length / 0x1_0000_0000);
    for (let i = 0; i < 4; i++) {
      bytes[at + 2 + i] = high >>> (24 - 8 * i);
      bytes[at + 6 + i] = length >>> (24 - 8 * i);
    }
  }
}

/** Options of {@linkcode encodeFrame}. */
export interface EncodeFrameOptions {
  /**
   * Whether the payload is a compressed message.
   *
   * @default {false}
   */
  compressed?: boolean;
}

/** Encodes a frame as a server sends it: final and unmasked. */
export function encodeFrame(
  opcode: number,
  payload: Uint8Array,
  options: EncodeFrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const head = headSize(payload.length);
  const bytes = new Uint8Array(head + payload.length);
  writeHead(bytes, 0, FIN | opcode | (options.compressed ? RSV1 : 0), payload.length);
  bytes.set(payload, head);
  return bytes;
}

/** Encodes a text message into memory of its own. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  const length = Buffer.byteLength(text);
  const head = headSize(length);
  const bytes = new Uint8Array(head + length);
  writeHead(bytes, 0, FIN | Opcode.text, length);
  encoder.encodeInto(text, bytes.subarray(head));
  return bytes;
}

/**
 * Encodes the frames that a server sends. Small ones stand one behind the
 * other, so that those for one connection can be written together. What was
 * encoded never changes.
 */
export class FrameEncoder {
  /** Holds the frame encoded last. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(SLAB_BYTES);
  /** Where the frame encoded last starts. */
  start = 0;
  /** Where the frame encoded last ends. */
  end = 0;

  #slab: Uint8Array<ArrayBuffer> = this.bytes;
  #used = 0;

  /** Encodes a text message. */
  text(text: string): void {
    const room = text.length * 3 + MAX_HEAD_BYTES;
    if (room > MAX_SLAB_FRAME) return this.#alone(encodeText(text));
    this.#reserve(room);
    let head = headSize(text.length);
    const start = this.#used;
    const written = this.#write(text, start + head);
    if (headSize(written) !== head) {
      const from = start + head;
      head = headSize(written);
      this.#slab.copyWithin(start + head, from, from + written);
    }
    writeHead(this.#slab, start, FIN | Opcode.text, written);
    this.#take(start + head + written);
  }

  /** Encodes a frame with a payload of bytes, of which it makes a copy. */
  frame(opcode: number, payload: Uint8Array, options: EncodeFrameOptions = {}): void {
    if (payload.length + MAX_HEAD_BYTES > MAX_SLAB_FRAME) {
      return this.#alone(encodeFrame(opcode, payload, options));
    }
    const head = headSize(payload.length);
    this.#reserve(head + payload.length);
    const start = this.#used;
    writeHead(this.#slab, start, FIN | opcode | (options.compressed ? RSV1 : 0), payload.length);
    this.#slab.set(payload, start + head);
    this.#take(start + head + payload.length);
  }

  #write(text: string, at: number): number {
    const slab = this.#slab;
    if (text.length <= SHORT_TEXT) {
      let i = 0;
      for (; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        slab[at + i] = code;
      }
      if (i === text.length) return i;
    }
    return encoder.encodeInto(text, slab.subarray(at)).written;
  }

  #reserve(room: number): void {
    if (this.#used + room <= SLAB_BYTES) return;
    this.#slab = new Uint8Array(SLAB_BYTES);
    this.#used = 0;
  }

  #take(end: number): void {
    this.bytes = this.#slab;
    this.start = this.#used;
    this.end = end;
    this.#used = end;
  }

  #alone(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.start = 0;
    this.end = bytes.length;
  }
}

/** The payload of a close frame; empty for code 1005. */
export function encodeClose(code: number, reason: string): Uint8Array<ArrayBuffer> {
  if (code === 1005) return new Uint8Array(0);
  const text = encoder.encode(reason);
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >>> 8;
  payload[1] = code;
  payload.set(text, 2);
  return payload;
}
