import type { ByteView } from "./byte_view.ts";
import { CloseCode } from "./close_code.ts";
import { decodeUtf8 } from "./decode_utf8.ts";
import { type CloseFrame, Found } from "./found.ts";
import type { MemoryBudget } from "./memory_budget.ts";
import { MessageBuffer } from "./message_buffer.ts";
import type { MessageInflater } from "./message_inflater.ts";
import { Opcode } from "./opcode.ts";
import { Utf8Validator } from "./utf8_validator.ts";

/** Limits and companions of a {@linkcode MessageReader}. */
export interface MessageReaderOptions {
  /** Most bytes a message, after decompression too. */
  maxMessageBytes: number;
  /** The memory that the unfinished messages of all connections take. */
  budget: MemoryBudget;
  /** Looks at the chunk that is being read. */
  view: ByteView;
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

  readonly #options: MessageReaderOptions;
  #isCompressed = false;
  #buffer: MessageBuffer | null = null;
  #utf8: Utf8Validator | null = null;

  /**
   * @param options See {@linkcode MessageReaderOptions}.
   */
  constructor(options: MessageReaderOptions) {
    this.#options = options;
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
   * Reads a message that stands in `chunk` as a whole.
   *
   * @param bits Some bits, of which one in 0x80808080 is set unless all bytes are ASCII.
   * @returns What was found, one of {@linkcode Found}.
   */
  readWhole(chunk: Uint8Array<ArrayBuffer>, start: number, end: number, bits: number): number {
    const opcode = this.opcode;
    this.opcode = 0;
    if (this.#isCompressed) return this.#inflate(opcode, chunk.subarray(start, end));
    if (opcode === Opcode.binary) {
      this.bytes = chunk.slice(start, end);
      return Found.binary;
    }
    const { view } = this.#options;
    if ((bits & NOT_ASCII) === 0) {
      this.text = view.ascii(start, end);
      return Found.text;
    }
    const utf8 = this.#utf8 ??= new Utf8Validator();
    if (!utf8.push(chunk, start, end) || !utf8.complete) return this.#failText();
    this.text = view.utf8(start, end);
    return Found.text;
  }

  /**
   * Keeps a part of the message.
   *
   * @param bits As for {@linkcode readWhole}.
   * @returns {@linkcode Found}`.nothing`, or `failure`.
   */
  readPart(chunk: Uint8Array<ArrayBuffer>, start: number, end: number, bits: number): number {
    const isText = this.opcode === Opcode.text && !this.#isCompressed;
    if (isText && ((bits & NOT_ASCII) !== 0 || this.#utf8 !== null)) {
      this.#utf8 ??= new Utf8Validator();
      if (!this.#utf8.push(chunk, start, end)) return this.#failText();
    }
    const before = this.#buffer === null ? 0 : this.#buffer.capacity;
    this.#buffer ??= new MessageBuffer();
    this.#buffer.append(chunk, start, end);
    if (this.#options.budget.take(this.#buffer.capacity - before)) return Found.nothing;
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
    if (this.#buffer !== null) this.#options.budget.give(this.#buffer.capacity);
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
    const inflated = this.#options.inflater!.inflate(payload, this.#options.maxMessageBytes);
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
