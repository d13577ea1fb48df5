const CHANGE = 0x43;

/**
 * Walks over the messages of a body in place. The body is checked as a whole
 * when it is opened, so that nothing of a truncated one is ever acted on.
 */
export class MessageReader {
  /** The letter of the current message, as a byte. */
  letter = 0;
  /** How many arguments the current message has. */
  argumentCount = 0;
  /** Where the first argument starts. */
  idStart = 0;
  /** Where the first argument ends. */
  idEnd = 0;
  /** Where the second argument starts; equals its end when there is none. */
  valueStart = 0;
  /** Where the second argument ends. */
  valueEnd = 0;
  /** Whether a message of the body may be a change. */
  hasChange = false;
  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #end = 0;

  /**
   * Opens a body.
   *
   * @returns Whether it consists of whole messages.
   */
  open(bytes: Uint8Array, start: number, end: number): boolean {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.hasChange = false;
    let at = start;
    while (at < end) {
      if (bytes[at] === CHANGE) this.hasChange = true;
      if (at + 1 === end) return false;
      let left = bytes[at + 1];
      at += 2;
      for (; left > 0 && at < end; left--) at += 1 + bytes[at];
      if (left > 0) return false;
    }
    return at === end;
  }

  /**
   * Moves to the next message.
   *
   * @returns Whether there is one.
   */
  next(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    if (at >= this.#end) return false;
    this.letter = bytes[at];
    const count = this.argumentCount = bytes[at + 1];
    at += 2;
    this.idStart =
      this.idEnd =
      this.valueStart =
      this.valueEnd =
        at;
    if (count > 0) {
      this.idStart = at + 1;
      this.idEnd = at = at + 1 + bytes[at];
    }
    if (count > 1) {
      this.valueStart = at + 1;
      this.valueEnd = at = at + 1 + bytes[at];
    }
    for (let i = 2; i < count; i++) at += 1 + bytes[at];
    this.#at = at;
    return true;
  }
}
