import type { DatagramBatch } from "../datagram.ts";
import { PEER_BYTES, type PeerTable } from "../peer_table.ts";
import { IoVector, MessageHeader, SOCKADDR_IN6_BYTES, SOCKADDR_IN_BYTES } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { addressOf, nativeWords, writeAddress } from "./native_memory.ts";
import { Family, type IpFamily } from "./sockaddr.ts";

/** Don't wait, and tell the true length of what was cut off. */
const DONTWAIT_TRUNC = 0x40 | 0x20;
const NAME_WORDS = PEER_BYTES / 4;
const MAPPED_WORD = 0xffff0000;

/** Options of {@linkcode ReceiveBatch}. */
export interface ReceiveBatchOptions {
  /** The C library. */
  libc: Libc;
  /** The family of the socket. */
  family: IpFamily;
  /** Gives senders their numbers. */
  peers: PeerTable;
  /** Most datagrams. */
  maxBatch: number;
  /** Most bytes a datagram. */
  maxBytes: number;
}

/** Datagrams that one system call receives, straight into their places. */
export class ReceiveBatch implements DatagramBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Datagrams that {@linkcode receive} dropped as they were too long. */
  oversized = 0;
  readonly #libc: Libc;
  readonly #family: IpFamily;
  readonly #peers: PeerTable;
  readonly #maxBatch: number;
  readonly #maxBytes: number;
  // The headers point to the vectors and names, and the vectors to the bytes:
  // all four live as long as this object.
  readonly #headers: Uint32Array<ArrayBuffer>;
  readonly #vectors: Uint32Array<ArrayBuffer>;
  readonly #names: Uint32Array<ArrayBuffer>;
  readonly #places: Int32Array;
  readonly #probe = new Uint32Array(NAME_WORDS);
  #count = 0;
  #sparse = false;

  /** @param options See {@linkcode ReceiveBatchOptions}. */
  constructor(options: ReceiveBatchOptions) {
    this.#libc = options.libc;
    this.#family = options.family;
    this.#peers = options.peers;
    this.#maxBatch = options.maxBatch;
    this.#maxBytes = options.maxBytes;
    this.bytes = new Uint8Array(Math.max(128, options.maxBatch * options.maxBytes));
    this.#headers = nativeWords(options.maxBatch * MessageHeader.words);
    this.#vectors = nativeWords(options.maxBatch * IoVector.words);
    this.#names = nativeWords(options.maxBatch * NAME_WORDS);
    this.#places = new Int32Array(options.maxBatch);
    this.#layOut();
  }

  get count(): number {
    return this.#count;
  }

  start(index: number): number {
    return this.#places[index] * this.#maxBytes;
  }

  end(index: number): number {
    const place = this.#places[index];
    return place * this.#maxBytes +
      this.#headers[place * MessageHeader.words + MessageHeader.length];
  }

  peer(index: number): number {
    const at = this.#places[index] * NAME_WORDS;
    if (this.#family === Family.INET6) return this.#peers.intern(this.#names, at);
    this.#probe[0] = this.#names[at];
    this.#probe[4] = MAPPED_WORD;
    this.#probe[5] = this.#names[at + 1];
    return this.#peers.intern(this.#probe, 0);
  }

  /**
   * Receives what is there, replacing what was.
   *
   * @param descriptor The socket's number.
   * @returns 0, or the error number.
   */
  receive(descriptor: number): number {
    const { calls, errno } = this.#libc;
    const received = calls.recvmmsg(
      descriptor,
      this.#headers,
      this.#maxBatch,
      DONTWAIT_TRUNC,
      null,
    );
    if (received < 0) {
      this.#count = 0;
      return errno[0];
    }
    this.#count = received;
    if (this.#sparse) this.#lineUp();
    for (let i = 0; i < received; i++) {
      if (this.#lengthAt(i) > this.#maxBytes) return this.#leaveOut(received);
    }
    return 0;
  }

  /** Forgets all datagrams. */
  clear(): void {
    this.#count = 0;
  }

  #lengthAt(place: number): number {
    return this.#headers[place * MessageHeader.words + MessageHeader.length];
  }

  #leaveOut(received: number): 0 {
    this.#count = 0;
    for (let i = 0; i < received; i++) {
      if (this.#lengthAt(i) > this.#maxBytes) this.oversized++;
      else this.#places[this.#count++] = i;
    }
    this.#sparse = true;
    return 0;
  }

  #lineUp(): void {
    this.#sparse = false;
    for (let i = 0; i < this.#maxBatch; i++) this.#places[i] = i;
  }

  #layOut(): void {
    const bytes = addressOf(this.bytes);
    const vectors = addressOf(this.#vectors);
    const names = addressOf(this.#names);
    for (let i = 0; i < this.#maxBatch; i++) {
      const vector = i * IoVector.words;
      writeAddress(this.#vectors, vector + IoVector.base, bytes + i * this.#maxBytes);
      this.#vectors[vector + IoVector.length] = this.#maxBytes;
      const header = i * MessageHeader.words;
      writeAddress(this.#headers, header + MessageHeader.name, names + i * PEER_BYTES);
      this.#headers[header + MessageHeader.nameLength] = this.#family === Family.INET6
        ? SOCKADDR_IN6_BYTES
        : SOCKADDR_IN_BYTES;
      writeAddress(this.#headers, header + MessageHeader.vectors, vectors + vector * 4);
      this.#headers[header + MessageHeader.vectorCount] = 1;
    }
    this.#lineUp();
  }
}
