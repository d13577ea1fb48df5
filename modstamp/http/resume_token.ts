import { digest } from "./digest.ts";

const BYTES = 6;
/** How long the digest of a value is. */
const LENGTH = 8;
const encoder = new TextEncoder();

/** The digest of a value as a token holds it. */
export function digestValue(value: Uint8Array): string {
  return digest(value, BYTES);
}

/**
 * What a stream has told so far: a digest of its ids, and of the value that it told last for each
 * of them. It goes along with each event, so that any server can tell what is new for a
 * client that comes back with it, though it remembers nothing.
 */
export class ResumeToken {
  readonly #head: string;
  readonly #told: string[];

  private constructor(head: string, told: string[]) {
    this.#head = head;
    this.#told = told;
  }

  /**
   * Makes a token for a stream.
   *
   * @param ids The ids, in the order in which the client has named them.
   * @param text What the client came back with; what is no token of these ids counts as nothing.
   */
  static from(ids: readonly string[], text: string | null): ResumeToken {
    const head = digest(encoder.encode(ids.join(",")), BYTES);
    const isOurs = text?.length === LENGTH * (ids.length + 1) && text.startsWith(head);
    const told = ids.map((_, i) => isOurs ? text.slice(LENGTH * (i + 1), LENGTH * (i + 2)) : "");
    return new ResumeToken(head, told);
  }

  /**
   * Notes that a value is told.
   *
   * @param at Which id it is of.
   * @param digest The digest of the value.
   * @returns Whether it is another one than was told last.
   */
  tell(at: number, digest: string): boolean {
    if (this.#told[at] === digest) return false;
    this.#told[at] = digest;
    return true;
  }

  /** The token as text. What was not told yet is as long as what was. */
  toString(): string {
    return this.#head + this.#told.map((each) => each.padEnd(LENGTH, "-")).join("");
  }
}
