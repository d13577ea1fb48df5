import type { DatagramBatch } from "./datagram.ts";

/** Options of {@linkcode AddressBatch}. */
export interface AddressBatchOptions<Address> {
  /** Most datagrams. */
  maxBatch: number;
  /** Most bytes a datagram. */
  maxBytes: number;
  /** Finds the number of the peer at an address. */
  intern: (address: Address) => number;
}

/** A batch of datagrams whose senders are known by address until somebody asks. */
export class AddressBatch<Address> implements DatagramBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #ends: Int32Array;
  readonly #addresses: Address[] = [];
  readonly #maxBytes: number;
  readonly #intern: (address: Address) => number;
  #count = 0;

  constructor(options: AddressBatchOptions<Address>) {
    this.#maxBytes = options.maxBytes;
    this.#intern = options.intern;
    this.#ends = new Int32Array(options.maxBatch);
    this.bytes = new Uint8Array(options.maxBatch * options.maxBytes);
  }

  get count(): number {
    return this.#count;
  }

  /** Whether there is no room for another. */
  get full(): boolean {
    return this.#count === this.#ends.length;
  }

  start(index: number): number {
    return index * this.#maxBytes;
  }

  end(index: number): number {
    return this.#ends[index];
  }

  peer(index: number): number {
    return this.#intern(this.#addresses[index]);
  }

  /** Adds a copy of a datagram. */
  push(bytes: Uint8Array, from: Address): void {
    const start = this.#count * this.#maxBytes;
    this.bytes.set(bytes, start);
    this.#ends[this.#count] = start + bytes.length;
    this.#addresses[this.#count++] = from;
  }

  /** Forgets all datagrams. */
  clear(): void {
    this.#count = 0;
    this.#addresses.length = 0;
  }
}
