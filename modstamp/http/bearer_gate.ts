import { createHash, timingSafeEqual } from "node:crypto";

/** Tells who shows a token as `authorization: Bearer TOKEN` (RFC 6750). */
export class BearerGate {
  readonly #wanted: Uint8Array;

  /**
   * @param token The token.
   * @throws {RangeError} When it is empty.
   */
  constructor(token: string) {
    if (token === "") throw new RangeError("Cannot serve modstamps as the token is empty");
    this.#wanted = sha256(token);
  }

  /** Whether a request shows the token. */
  admits({ headers }: Request): boolean {
    const [, shown] = /^Bearer +(.*)$/i.exec(headers.get("authorization") ?? "") ?? [];
    // What is compared are digests, so that the time it takes tells nothing.
    return shown !== undefined && timingSafeEqual(sha256(shown), this.#wanted);
  }
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
