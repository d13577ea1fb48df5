/** Messages that came while nothing may be handed over. */
export class HeldMessages {
  readonly #maxBytes: number;
  #messages: (string | Uint8Array<ArrayBuffer>)[] = [];
  #bytes = 0;

  /**
   * @param maxBytes How much may be held.
   */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many messages are held. */
  get size(): number {
    return this.#messages.length;
  }

  /**
   * Holds a message.
   *
   * @returns Whether there was room.
   */
  push(message: string | Uint8Array<ArrayBuffer>): boolean {
    this.#bytes += message.length;
    if (this.#bytes > this.#maxBytes) return false;
    this.#messages.push(message);
    return true;
  }

  /** Takes the first message. */
  shift(): string | Uint8Array<ArrayBuffer> {
    const message = this.#messages.shift()!;
    this.#bytes -= message.length;
    return message;
  }

  /** Forgets all. */
  clear(): void {
    this.#messages = [];
    this.#bytes = 0;
  }
}
