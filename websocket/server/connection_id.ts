import type { RandomSource } from "../../loop/mod.ts";

const ID_BYTES = 16;

/** The name of a connection, which is drawn when somebody asks for it. */
export class ConnectionId {
  readonly #random: RandomSource;
  #text = "";

  /**
   * @param random Where it is drawn from.
   */
  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** The name: 32 hexadecimal digits. */
  get text(): string {
    if (this.#text === "") this.#text = this.#random.bytes(ID_BYTES).toHex();
    return this.#text;
  }
}
