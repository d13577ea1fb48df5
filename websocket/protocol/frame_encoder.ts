import { Buffer } from "node:buffer";
import { Opcode } from "./opcode.ts";

const FIN = 0x80;
const RSV1 = 0x40;
const CAPACITY = 65_536;
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

function firstByte(opcode: number, options: EncodeFrameOptions): number {
  return FIN | opcode | (options.compressed ? RSV1 : 0);
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
  writeHead(bytes, 0, firstByte(opcode, options), payload.length);
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
 * Encodes the frames that a server sends one behind the other into memory that
 * all connections share, so that those for one connection can be written
 * together.
 */
export class FrameEncoder {
  /** Holds the encoded frames. */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(CAPACITY);
  /** Where the next frame will stand. Whoever has written frames goes back behind those before. */
  at = 0;

  /** Whether a text has room; otherwise it wants {@linkcode encodeText}, or `at` to go back. */
  hasRoomForText(text: string): boolean {
    return text.length * 3 + MAX_HEAD_BYTES <= CAPACITY - this.at;
  }

  /** Whether a payload has room; otherwise it wants {@linkcode encodeFrame}, or `at` to go back. */
  hasRoomFor(payload: Uint8Array): boolean {
    return payload.length + MAX_HEAD_BYTES <= CAPACITY - this.at;
  }

  /** Encodes a text message. */
  text(text: string): void {
    const start = this.at;
    let head = headSize(text.length);
    const written = this.#write(text, start + head);
    if (headSize(written) !== head) {
      const from = start + head;
      head = headSize(written);
      this.bytes.copyWithin(start + head, from, from + written);
    }
    writeHead(this.bytes, start, FIN | Opcode.text, written);
    this.at = start + head + written;
  }

  /** Encodes a frame with a payload of bytes. */
  frame(opcode: number, payload: Uint8Array, options: EncodeFrameOptions = {}): void {
    const head = headSize(payload.length);
    writeHead(this.bytes, this.at, firstByte(opcode, options), payload.length);
    this.bytes.set(payload, this.at + head);
    this.at += head + payload.length;
  }

  #write(text: string, at: number): number {
    const { bytes } = this;
    if (text.length <= SHORT_TEXT) {
      let i = 0;
      for (; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (code >= 0x80) break;
        bytes[at + i] = code;
      }
      if (i === text.length) return i;
    }
    return encoder.encodeInto(text, bytes.subarray(at)).written;
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
