/**
 * States: 0 between characters; 1 to 3 so many continuation bytes are missing,
 * none restricted; the others restrict the next byte (RFC 3629, 4).
 */
const REJECTED = 8;
const AFTER_E0 = 4;
const AFTER_ED = 5;
const AFTER_F0 = 6;
const AFTER_F4 = 7;

/** What a byte of at least 0x80 leads to from state 0. */
function lead(byte: number): number {
  if (byte < 0xc2 || byte > 0xf4) return REJECTED;
  if (byte < 0xe0) return 1;
  if (byte < 0xf0) return byte === 0xe0 ? AFTER_E0 : byte === 0xed ? AFTER_ED : 2;
  return byte === 0xf0 ? AFTER_F0 : byte === 0xf4 ? AFTER_F4 : 3;
}

/** What a byte leads to from a state other than 0. */
function follow(state: number, byte: number): number {
  if (byte < 0x80 || byte > 0xbf) return REJECTED;
  switch (state) {
    case AFTER_E0:
      return byte < 0xa0 ? REJECTED : 1;
    case AFTER_ED:
      return byte > 0x9f ? REJECTED : 1;
    case AFTER_F0:
      return byte < 0x90 ? REJECTED : 2;
    case AFTER_F4:
      return byte > 0x8f ? REJECTED : 2;
    default:
      return state - 1;
  }
}

/**
 * Checks text that comes in pieces for being UTF-8, and tells at the first
 * byte that no continuation can mend.
 */
export class Utf8Validator {
  #state = 0;

  /** Whether what came so far ends with a whole character. */
  get complete(): boolean {
    return this.#state === 0;
  }

  /** Begins a new text. */
  reset(): void {
    this.#state = 0;
  }

  /**
   * Reads on.
   *
   * @param bytes Holds the next piece.
   * @param start Where the piece starts.
   * @param end Where the piece ends.
   * @returns Whether the text can still become UTF-8.
   */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let state = this.#state;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (state !== 0) state = follow(state, byte);
      else if (byte >= 0x80) state = lead(byte);
      if (state === REJECTED) break;
    }
    this.#state = state;
    return state !== REJECTED;
  }
}
