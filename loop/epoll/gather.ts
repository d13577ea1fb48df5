import type { WriteQueue } from "../write_queue.ts";
import { IoVector, MessageHeader } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { addressOf, nativeWords, writeAddress } from "./native_memory.ts";

const NOSIGNAL = 0x4000;
/** Pieces a system call. */
const MAX_PIECES = 64;

/** Hands the pieces of write queues to the system, several in one call. */
export class Gather {
  readonly #libc: Libc;
  readonly #header = nativeWords(MessageHeader.words);
  readonly #vectors = nativeWords(MAX_PIECES * IoVector.words);

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
    writeAddress(this.#header, MessageHeader.vectors, addressOf(this.#vectors));
  }

  /**
   * Sends the first bytes of a queue.
   *
   * @param descriptor The stream's number.
   * @param queue What is to be sent; not empty.
   * @returns How many bytes the system took, or a negative error number.
   */
  send(descriptor: number, queue: WriteQueue): number {
    const { calls, errno } = this.#libc;
    const first = queue.peek()!;
    const sent = first.length === queue.length
      ? calls.send(descriptor, first, BigInt(first.length), NOSIGNAL)
      : calls.sendmsg(descriptor, this.#gather(queue), NOSIGNAL);
    return sent < 0 ? -errno[0] : sent;
  }

  // The queue holds the pieces during the call.
  #gather(queue: WriteQueue): Uint32Array<ArrayBuffer> {
    let count = 0;
    for (let piece = queue.peek(0); piece !== null && count < MAX_PIECES;) {
      writeAddress(this.#vectors, count * IoVector.words + IoVector.base, addressOf(piece));
      this.#vectors[count * IoVector.words + IoVector.length] = piece.length;
      piece = queue.peek(++count);
    }
    this.#header[MessageHeader.vectorCount] = count;
    return this.#header;
  }
}
