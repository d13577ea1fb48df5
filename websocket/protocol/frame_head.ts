import { isControl, Opcode } from "./opcode.ts";

const MAX_HEAD_BYTES = 14;
const MAX_CONTROL_BYTES = 125;
const FIN = 0x80;
const RSV1 = 0x40;
const RSV2_RSV3 = 0x30;
const MASKED = 0x80;

/** The head is not all there yet; what there was is kept. */
export const INCOMPLETE = 0;
/** The head is against the protocol. */
export const INVALID = -1;

/**
 * Reads the heads of a client's frames (RFC 6455, 5.2), also when they are cut
 * anywhere.
 */
export class FrameHead {
  /** Whether the frame is the last one of its message. */
  isLast = false;
  /** Whether the frame begins a compressed message. */
  isCompressed = false;
  /** What the frame carries. */
  opcode = 0;
  /** The length of the payload. */
  length = 0;
  /** The mask, its first byte lowest. */
  mask = 0;
  /** What is wrong with the head, once it is invalid. */
  problem = "";

  readonly #allowsCompressed: boolean;
  #kept: Uint8Array<ArrayBuffer> | null = null;
  #keptLength = 0;

  /**
   * @param options Whether messages may be compressed.
   */
  constructor(options: { allowsCompressed: boolean }) {
    this.#allowsCompressed = options.allowsCompressed;
  }

  /**
   * Reads a head, or the rest of it.
   *
   * @param chunk Holds the head.
   * @param at Where it goes on.
   * @returns How many bytes of the chunk belong to it, {@linkcode INCOMPLETE} or {@linkcode INVALID}.
   */
  read(chunk: Uint8Array, at: number): number {
    if (this.#keptLength > 0) return this.#resume(chunk, at);
    const length = this.#parse(chunk, at, chunk.length);
    if (length === INCOMPLETE) this.#keep(chunk.subarray(at));
    return length;
  }

  #keep(part: Uint8Array): void {
    this.#kept ??= new Uint8Array(MAX_HEAD_BYTES);
    this.#kept.set(part, this.#keptLength);
    this.#keptLength += part.length;
  }

  #resume(chunk: Uint8Array, at: number): number {
    const before = this.#keptLength;
    this.#keep(chunk.subarray(at, at + MAX_HEAD_BYTES - before));
    const length = this.#parse(this.#kept!, 0, this.#keptLength);
    if (length === INCOMPLETE || length === INVALID) return length;
    this.#keptLength = 0;
    return length - before;
  }

  #parse(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < 2) return INCOMPLETE;
    const first = bytes[at];
    const second = bytes[at + 1];
    if (!this.#check(first, second)) return INVALID;
    let length = second & 0x7f;
    let size = 6;
    if (length === 126) {
      if (end - at < 4) return INCOMPLETE;
      length = (bytes[at + 2] << 8) | bytes[at + 3];
      size = 8;
      if (length < 126) return this.#fail("The length of a frame is not in its shortest form");
    } else if (length === 127) {
      if (end - at < 10) return INCOMPLETE;
      if (bytes[at + 2] >= 0x80) return this.#fail("The length of a frame is out of range");
      length = readUint32(bytes, at + 2) * 0x1_0000_0000 + readUint32(bytes, at + 6);
      size = 14;
      if (length < 65_536) return this.#fail("The length of a frame is not in its shortest form");
    }
    if (end - at < size) return INCOMPLETE;
    const key = at + size - 4;
    this.mask = bytes[key] | (bytes[key + 1] << 8) | (bytes[key + 2] << 16) |
      (bytes[key + 3] << 24);
    this.length = length;
    this.opcode = first & 0x0f;
    this.isLast = (first & FIN) !== 0;
    this.isCompressed = (first & RSV1) !== 0;
    return size;
  }

  #check(first: number, second: number): boolean {
    const opcode = first & 0x0f;
    if ((first & RSV2_RSV3) !== 0 || ((first & RSV1) !== 0 && !this.#mayBeCompressed(opcode))) {
      this.problem = "A reserved bit is set";
    } else if ((second & MASKED) === 0) {
      this.problem = "A frame is not masked";
    } else if (opcode > Opcode.pong || (opcode > Opcode.binary && !isControl(opcode))) {
      this.problem = "The opcode of a frame is reserved";
    } else if (isControl(opcode) && (first & FIN) === 0) {
      this.problem = "A control frame is fragmented";
    } else if (isControl(opcode) && (second & 0x7f) > MAX_CONTROL_BYTES) {
      this.problem = "A control frame is too long";
    } else {
      return true;
    }
    return false;
  }

  #mayBeCompressed(opcode: number): boolean {
    return this.#allowsCompressed && (opcode === Opcode.text || opcode === Opcode.binary);
  }

  #fail(problem: string): number {
    this.problem = problem;
    return INVALID;
  }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}
