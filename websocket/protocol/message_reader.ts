import { CloseCode } from "./close_code.ts";
import { decodeUtf8 } from "./decode_utf8.ts";
import { type CloseFrame, Found } from "./found.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { MessageBuffer } from "./message_buffer.ts";
import type { MessageInflater } from "./message_inflater.ts";
import { Opcode } from "./opcode.ts";
import type { Unmasker } from "./unmasker.ts";
import { Utf8Validator } from "./utf8_validator.ts";

/** What a {@linkcode MessageReader} works with. */
export interface ReaderTools {
  /** The memory that the unfinished messages of all connections take. */
  budget: MemoryBudget;
  /** Holds the payload that is being read. */
  unmasker: Unmasker;
  /** Decompresses messages, or `null` when compression was not negotiated. */
  inflater: MessageInflater | null;
}

const NO_BYTES = new Uint8Array(0);
const NO_FAILURE: CloseFrame = { code: CloseCode.noStatus, reason: "" };
const NOT_ASCII = 0x80808080;

/** Puts messages together from the unmasked payloads of frames. */
export class MessageReader {
  /** The message found last, when it was text. */
  text = "";
  /** The message found last, when it was binary. */
  bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  /** Why the connection fails, once it does. */
  failure: CloseFrame = NO_FAILURE;
  /** The opcode of the message that has begun, or 0 between messages. */
  opcode = 0;

  readonly #maxMessageBytes: number;
  readonly #tools: ReaderTools;
  #isCompressed = false;
  #buffer: MessageBuffer | null = null;
  #utf8: Utf8Validator | null = null;

  /**
   * @param maxMessageBytes Most bytes a message, after decompression too.
   * @param tools See {@linkcode ReaderTools}.
   */
  constructor(maxMessageBytes: number, tools: ReaderTools) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#tools = tools;
  }

  /** How much of the message is there. */
  get length(): number {
    return this.#buffer === null ? 0 : this.#buffer.length;
  }

  /** Whether nothing of the message was kept so far. */
  get isFresh(): boolean {
    return this.#buffer === null;
  }

  /** Begins a message. */
  begin(opcode: number, isCompressed: boolean): void {
    this.opcode = opcode;
    this.#isCompressed = isCompressed;
    this.#utf8?.reset();
  }

  /**
   * Reads a message that is the payload of one frame, the one unmasked last.
   *
   * @param length How long it is.
   * @param bits Some bits, of which one in 0x80808080 is set unless all bytes are ASCII.
   * @returns What was found, one of {@linkcode Found}.
   */
  readWhole(length: number, bits: number): number {
    const opcode = this.opcode;
    const { unmasker } = this.#tools;
    this.opcode = 0;
    if (this.#isCompressed) return this.#inflate(opcode, unmasker.bytes.subarray(0, length));
    if (opcode === Opcode.binary) {
      this.bytes = unmasker.bytes.slice(0, length);
      return Found.binary;
    }
    if ((bits & NOT_ASCII) === 0) {
      this.text = unmasker.ascii(length);
      return Found.text;
    }
    const utf8 = this.#utf8 ??= new Utf8Validator();
    if (!utf8.push(unmasker.bytes, 0, length) || !utf8.complete) return this.#failText();
    this.text = unmasker.utf8(length);
    return Found.text;
  }

  /**
   * Keeps a part of the message, the one unmasked last.
   *
   * @param length How long the part is.
   * @param bits As for {@linkcode readWhole}.
   * @returns {@linkcode Found}`.nothing`, or `failure`.
   */
  readPart(length: number, bits: number): number {
    const { bytes } = this.#tools.unmasker;
    const isText = this.opcode === Opcode.text && !this.#isCompressed;
    if (isText && ((bits & NOT_ASCII) !== 0 || this.#utf8 !== null)) {
      this.#utf8 ??= new Utf8Validator();
      if (!this.#utf8.push(bytes, 0, length)) return this.#failText();
    }
    const before = this.#buffer === null ? 0 : this.#buffer.capacity;
    this.#buffer ??= new MessageBuffer();
    this.#buffer.append(bytes, length);
    if (this.#tools.budget.take(this.#buffer.capacity - before)) return Found.nothing;
    return this.fail(CloseCode.tryAgainLater, "Too many messages are unfinished");
  }

  /**
   * Ends a message that was read in parts.
   *
   * @returns What was found, one of {@linkcode Found}.
   */
  finish(): number {
    const buffer = this.#buffer!;
    const opcode = this.opcode;
    this.release();
    if (this.#isCompressed) return this.#inflate(opcode, buffer.take());
    if (opcode === Opcode.binary) {
      this.bytes = buffer.take();
      return Found.binary;
    }
    if (this.#utf8 !== null && !this.#utf8.complete) return this.#failText();
    this.text = buffer.text();
    return Found.text;
  }

  /** Lets go of an unfinished message. */
  release(): void {
    if (this.#buffer !== null) this.#tools.budget.give(this.#buffer.capacity);
    this.#buffer = null;
    this.opcode = 0;
  }

  /** Fails the connection. */
  fail(code: number, reason: string): number {
    this.release();
    this.failure = { code, reason };
    return Found.failure;
  }

  #inflate(opcode: number, payload: Uint8Array<ArrayBuffer>): number {
    const inflated = this.#tools.inflater!.inflate(payload, this.#maxMessageBytes);
    if (inflated === "corrupt") {
      return this.fail(CloseCode.invalidData, "A message can't be decompressed");
    }
    if (inflated === "too big") {
      return this.fail(CloseCode.messageTooBig, "A message is too long once decompressed");
    }
    if (opcode === Opcode.binary) {
      this.bytes = inflated;
      return Found.binary;
    }
    const text = decodeUtf8(inflated);
    if (text === null) return this.#failText();
    this.text = text;
    return Found.text;
  }

  #failText(): number {
    return this.fail(CloseCode.invalidData, "A text is not UTF-8");
  }
}
