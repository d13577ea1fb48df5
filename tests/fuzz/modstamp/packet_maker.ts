import type { RandomSource } from "../../../loop/mod.ts";
import vectors from "../../vectors/modstamp.json" with { type: "json" };
import { fromHex } from "../../modstamp/wire.ts";

const RECORDED = vectors.steps.map(({ hex }) => fromHex(hex));
/** Bytes that mean something: letters, signatures, and lengths at the edges. */
const TELLING = [0, 1, 2, 3, 127, 128, 254, 255, ...new TextEncoder().encode("QRCMSap")];
const MAX_BYTES = 2500;

/** Options of {@linkcode PacketMaker}. */
export interface PacketMakerOptions {
  /** Decides everything. */
  random: RandomSource;
  /** Encrypts some of the packets. */
  encrypt: (body: Uint8Array) => Uint8Array;
  /** The letters of right messages; one that is there twice comes twice as often. */
  letters: string;
}

/** Makes packets that are random, right, or nearly right. */
export class PacketMaker {
  readonly #random: RandomSource;
  readonly #encrypt: (body: Uint8Array) => Uint8Array;
  readonly #letters: string;

  /** Makes a maker. */
  constructor(options: PacketMakerOptions) {
    this.#random = options.random;
    this.#encrypt = options.encrypt;
    this.#letters = options.letters;
  }

  /** A packet. */
  make(): Uint8Array {
    const kind = this.#random.next();
    if (kind < 0.1) return this.#random.bytes(this.pick(60));
    if (kind < 0.3) return this.#mutate(this.#recorded());
    if (kind < 0.7) return this.#mutate(this.#composed());
    if (kind < 0.8) return this.#encrypt(this.#mutate(this.#composed()).subarray(1));
    return this.#mutate(this.#encrypt(this.#composed().subarray(1)));
  }

  /** A whole number below `limit`. */
  pick(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  #recorded(): Uint8Array {
    return RECORDED[this.pick(RECORDED.length)]!;
  }

  /** A plain packet of several messages about few ids. */
  #composed(): Uint8Array {
    const bytes = [0];
    for (let i = this.pick(8); i >= 0; i--) {
      const id = `${this.pick(2000)}`.padEnd(this.pick(2) * this.pick(256), "x");
      const letter = this.#letters[this.pick(this.#letters.length)]!;
      const value = [...this.#random.bytes(this.pick(4) === 0 ? this.pick(256) : this.pick(4))];
      bytes.push(letter.charCodeAt(0), letter === "Q" ? 1 : 2, id.length);
      for (const char of id) bytes.push(char.charCodeAt(0));
      if (letter !== "Q") bytes.push(value.length, ...value);
    }
    return Uint8Array.from(bytes);
  }

  #mutate(packet: Uint8Array): Uint8Array {
    let bytes = [...packet];
    for (let i = this.pick(4); i > 0; i--) bytes = this.#mutateOnce(bytes);
    return Uint8Array.from(bytes.slice(0, MAX_BYTES));
  }

  #mutateOnce(bytes: number[]): number[] {
    const at = this.pick(bytes.length + 1);
    const end = at + this.pick(20);
    switch (this.pick(7)) {
      case 0:
        return bytes.toSpliced(at, 1, this.pick(256));
      case 1:
        return bytes.toSpliced(at, 1, TELLING[this.pick(TELLING.length)]!);
      case 2:
        return bytes.toSpliced(at, end - at);
      case 3:
        return bytes.toSpliced(at, 0, ...bytes.slice(at, end));
      case 4:
        return bytes.slice(0, at);
      case 5:
        return bytes.toSpliced(at, 0, ...this.#random.bytes(end - at));
      default:
        return bytes.slice(0, at).concat([...this.#recorded()].slice(this.pick(10)));
    }
  }
}
