import { CloseCode, isSendableCode } from "./close_code.ts";
import { decodeUtf8 } from "./decode_utf8.ts";
import { type CloseFrame, Found } from "./found.ts";
import { FrameHead, INCOMPLETE, INVALID } from "./frame_head.ts";
import { MessageBuffer } from "./message_buffer.ts";
import { MessageReader, type ReaderTools } from "./message_reader.ts";
import { isControl, Opcode } from "./opcode.ts";
import type { Unmasker } from "./unmasker.ts";

/** Limits of a {@linkcode FrameParser}. */
export interface FrameLimits {
  /** Most bytes a message, after decompression too. */
  readonly maxMessageBytes: number;
  /** Most bytes of payload a frame. */
  readonly maxFrameBytes: number;
  /** Most frames a message. */
  readonly maxFragments: number;
}

const NO_BYTES = new Uint8Array(0);
const NO_STATUS: CloseFrame = { code: CloseCode.noStatus, reason: "" };
const BETWEEN_FRAMES = -1;
const MAX_CONTROL_BYTES = 125;

/**
 * Reads what a client sends (RFC 6455, 5): frames, masked all of them, put
 * together to messages. Frames that arrive whole are read where they stand.
 * What is wrong is found with the first byte that tells.
 */
export class FrameParser {
  /** The payload of the ping or pong found last, valid until the next call. */
  payload: Uint8Array<ArrayBuffer> = NO_BYTES;
  /** The close frame found last, or why the connection fails. */
  close: CloseFrame = NO_STATUS;

  readonly #limits: FrameLimits;
  readonly #unmasker: Unmasker;
  readonly #head: FrameHead;
  readonly #message: MessageReader;
  #control: MessageBuffer | null = null;
  #chunk: Uint8Array<ArrayBuffer> = NO_BYTES;
  #at = 0;
  #left = BETWEEN_FRAMES;
  #mask = 0;
  #fragments = 0;

  /**
   * @param limits See {@linkcode FrameLimits}.
   * @param tools See {@linkcode ReaderTools}.
   */
  constructor(limits: FrameLimits, tools: ReaderTools) {
    this.#limits = limits;
    this.#unmasker = tools.unmasker;
    this.#head = new FrameHead({ allowsCompressed: tools.inflater !== null });
    this.#message = new MessageReader(limits.maxMessageBytes, tools);
  }

  /** The message found last, when it was text. */
  get text(): string {
    return this.#message.text;
  }

  /** The message found last, when it was binary. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#message.bytes;
  }

  /** What was not read yet of the chunk. */
  get rest(): Uint8Array<ArrayBuffer> {
    return this.#chunk.subarray(this.#at);
  }

  /** Begins to read `chunk`. */
  start(chunk: Uint8Array<ArrayBuffer>): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Lets go of an unfinished message and of the chunk. */
  release(): void {
    this.#message.release();
    this.#control = null;
    this.#chunk = NO_BYTES;
    this.#at = 0;
  }

  /**
   * Reads on in the chunk.
   *
   * @returns What was found, one of {@linkcode Found}.
   */
  next(): number {
    for (;;) {
      if (this.#left === BETWEEN_FRAMES) {
        if (this.#at === this.#chunk.length) return this.#used();
        const size = this.#head.read(this.#chunk, this.#at);
        if (size === INCOMPLETE) return this.#used();
        if (size === INVALID) return this.#fail(CloseCode.protocolError, this.#head.problem);
        this.#at += size;
        const failed = this.#begin();
        if (failed !== Found.nothing) return failed;
      }
      const found = isControl(this.#head.opcode) ? this.#readControl() : this.#readData();
      if (found !== Found.nothing) return found;
      if (this.#left > 0) return this.#used();
      this.#left = BETWEEN_FRAMES;
    }
  }

  #used(): number {
    this.#chunk = NO_BYTES;
    this.#at = 0;
    return Found.nothing;
  }

  #fail(code: number, reason: string): number {
    this.close = { code, reason };
    this.release();
    return Found.failure;
  }

  /** Begins a frame whose head was read. */
  #begin(): number {
    const { opcode, length, isCompressed, mask } = this.#head;
    this.#left = length;
    this.#mask = mask;
    if (isControl(opcode)) return Found.nothing;
    const { maxFrameBytes, maxMessageBytes, maxFragments } = this.#limits;
    if (opcode === Opcode.continuation) {
      if (this.#message.opcode === 0) {
        return this.#fail(CloseCode.protocolError, "A continuation has no message to continue");
      }
      if (++this.#fragments > maxFragments) {
        return this.#fail(CloseCode.policyViolation, "A message has too many fragments");
      }
    } else {
      if (this.#message.opcode !== 0) {
        return this.#fail(CloseCode.protocolError, "A message begins inside of another");
      }
      this.#fragments = 1;
      this.#message.begin(opcode, isCompressed);
    }
    if (length > maxFrameBytes) return this.#fail(CloseCode.messageTooBig, "A frame is too long");
    if (length + this.#message.length > maxMessageBytes) {
      return this.#fail(CloseCode.messageTooBig, "A message is too long");
    }
    return Found.nothing;
  }

  #readData(): number {
    const message = this.#message;
    const isLast = this.#head.isLast;
    const isWhole = isLast && message.isFresh && this.#left <= this.#chunk.length - this.#at;
    const before = this.#left;
    const bits = this.#unmask();
    const length = before - this.#left;
    if (isWhole) return this.#found(message.readWhole(length, bits));
    const found = message.readPart(length, bits);
    if (found !== Found.nothing) return this.#found(found);
    return this.#left === 0 && isLast ? this.#found(message.finish()) : found;
  }

  /** Ends the frame with what was found in it. */
  #found(found: number): number {
    if (found === Found.failure) {
      return this.#fail(this.#message.failure.code, this.#message.failure.reason);
    }
    this.#left = BETWEEN_FRAMES;
    return found;
  }

  #readControl(): number {
    const before = this.#left;
    this.#unmask();
    let payload = this.#unmasker.bytes.subarray(0, before - this.#left);
    if (this.#left > 0 || this.#control !== null) {
      this.#control ??= new MessageBuffer(MAX_CONTROL_BYTES);
      this.#control.append(payload, payload.length);
      if (this.#left > 0) return Found.nothing;
      payload = this.#control.take();
      this.#control = null;
    }
    this.#left = BETWEEN_FRAMES;
    if (this.#head.opcode === Opcode.close) return this.#findClose(payload);
    this.payload = payload;
    return this.#head.opcode === Opcode.ping ? Found.ping : Found.pong;
  }

  /** Takes the mask off what there is of the frame's payload, and goes behind it. */
  #unmask(): number {
    const start = this.#at;
    const end = Math.min(start + this.#left, this.#chunk.length);
    const bits = this.#unmasker.unmask(this.#chunk, start, end, this.#mask);
    const turn = ((end - start) & 3) << 3;
    if (turn !== 0) this.#mask = (this.#mask >>> turn) | (this.#mask << (32 - turn));
    this.#at = end;
    this.#left -= end - start;
    return bits;
  }

  #findClose(payload: Uint8Array<ArrayBuffer>): number {
    this.close = NO_STATUS;
    if (payload.length === 0) return Found.close;
    if (payload.length === 1) {
      return this.#fail(CloseCode.protocolError, "A close frame has half a code");
    }
    const code = (payload[0] << 8) | payload[1];
    if (!isSendableCode(code)) {
      return this.#fail(CloseCode.protocolError, "A close frame has a code that may not be sent");
    }
    const reason = decodeUtf8(payload.subarray(2));
    if (reason === null) return this.#fail(CloseCode.invalidData, "A reason is not UTF-8");
    this.close = { code, reason };
    return Found.close;
  }
}
