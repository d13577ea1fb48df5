const NEWLINE = 10;
/** The size of what follows an answer that has nothing more. */
const NONE = -2;
/** The longest line of an answer. */
const MAX_LINE_BYTES = 512;
/** Answers that are followed by as many bytes as their last word says. */
const WITH_DATA: ReadonlySet<string> = new Set(["RESERVED", "FOUND", "OK"]);

const decoder = new TextDecoder();

/** An answer of a server. */
export interface ServerReply {
  /** The words of its line. */
  readonly words: readonly string[];
  /** What follows the line, for answers that have more. */
  readonly data: Uint8Array<ArrayBuffer> | null;
}

/** Cuts what a beanstalk server sends into answers. */
export class ReplyReader {
  readonly #maxDataBytes: number;
  #bytes = new Uint8Array(1024);
  #length = 0;
  #head: { words: string[]; size: number } | null = null;

  /** @param maxDataBytes The most bytes that may follow a line. */
  constructor(maxDataBytes: number) {
    this.#maxDataBytes = maxDataBytes;
  }

  /**
   * Takes the next bytes, and adds the answers that end in them.
   *
   * @returns What is wrong with them, or `null`.
   */
  push(chunk: Uint8Array, replies: ServerReply[]): string | null {
    this.#append(chunk);
    let at = 0;
    for (;;) {
      if (this.#head === null) {
        const end = this.#bytes.subarray(0, this.#length).indexOf(NEWLINE, at);
        if (end < 0) {
          if (this.#length - at > MAX_LINE_BYTES) return "a line of it is too long";
          break;
        }
        const words = decoder.decode(this.#bytes.subarray(at, end)).trimEnd().split(" ");
        at = end + 1;
        const size = WITH_DATA.has(words[0]) ? Number(words.at(-1)) : NONE;
        const isFit = size === NONE || (size >= 0 && size <= this.#maxDataBytes);
        if (!isFit) return `it announces ${words.at(-1)} bytes`;
        this.#head = { words, size };
      }
      const { words, size } = this.#head;
      const whole = size === NONE ? 0 : size + 2;
      if (this.#length - at < whole) break;
      replies.push({ words, data: size === NONE ? null : this.#bytes.slice(at, at + size) });
      at += whole;
      this.#head = null;
    }
    this.#bytes.copyWithin(0, at, this.#length);
    this.#length -= at;
    return null;
  }

  #append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }
}
