import type { Outbox } from "../loop/mod.ts";
import type { Encryptor } from "./encryptor.ts";

/** Whom a packet goes to and how. */
export interface Route {
  /** The peer. */
  peer: number;
  /** Protects the packet, or `null` for a plain one. */
  encryptor: Encryptor | null;
  /** The peer's session with the encryptor. */
  session: Uint8Array | undefined;
}

/** Options of {@linkcode ReplyWriter}. */
export interface ReplyWriterOptions {
  /** Most bytes a packet. */
  packetBytes: number;
  /** Asked before a packet is queued; a refused one is dropped. */
  admit: (peer: number, bytes: number) => boolean;
  /** Called when a packet is lost as the outbox is full. */
  onFull: () => void;
}

/**
 * Packs replies in order into packets of a limited size: plain ones straight in
 * the memory they are sent from.
 */
export class ReplyWriter {
  readonly #options: ReplyWriterOptions;
  readonly #scratch: Uint8Array<ArrayBuffer>;
  #outbox!: Outbox;
  #route!: Route;
  #bytes: Uint8Array;
  #start = -1;
  #at = 0;
  #limit = 0;

  constructor(options: ReplyWriterOptions) {
    this.#options = options;
    this.#scratch = new Uint8Array(options.packetBytes);
    this.#bytes = this.#scratch;
  }

  /** Begins replies to a peer. */
  begin(outbox: Outbox, route: Route): void {
    this.#outbox = outbox;
    this.#route = route;
    this.#start = -1;
  }

  /**
   * Adds a message with an id and a value.
   *
   * @param letter The message's letter, as a byte.
   * @param id Where the id is.
   * @param value The value; empty for none.
   */
  add(
    letter: number,
    id: { bytes: Uint8Array; start: number; end: number },
    value: Uint8Array,
  ): void {
    const idLength = id.end - id.start;
    const length = 4 + idLength + value.length;
    if (this.#start < 0 || this.#at + length > this.#limit) {
      this.end();
      if (!this.#open()) return;
    }
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = letter;
    bytes[at++] = 2;
    bytes[at++] = idLength;
    for (let i = id.start; i < id.end; i++) bytes[at++] = id.bytes[i];
    bytes[at++] = value.length;
    for (let i = 0; i < value.length; i++) bytes[at++] = value[i];
    this.#at = at;
  }

  /** Queues the last packet. */
  end(): void {
    if (this.#start < 0) return;
    const { peer, encryptor, session } = this.#route;
    const length = this.#at - this.#start;
    this.#start = -1;
    if (encryptor === null) {
      if (this.#options.admit(peer, length)) this.#outbox.commit(peer, length);
      return;
    }
    const packet = encryptor.encrypt(this.#scratch.subarray(0, length), session);
    if (!this.#options.admit(peer, packet.length)) return;
    if (!this.#outbox.send(peer, packet)) this.#options.onFull();
  }

  #open(): boolean {
    const { packetBytes } = this.#options;
    const { encryptor } = this.#route;
    if (encryptor !== null) {
      this.#bytes = this.#scratch;
      this.#start = this.#at = 0;
      this.#limit = packetBytes - encryptor.overheadBytes;
      return true;
    }
    const start = this.#outbox.open(packetBytes);
    if (start < 0) {
      this.#options.onFull();
      return false;
    }
    this.#bytes = this.#outbox.bytes;
    this.#start = start;
    this.#bytes[start] = 0;
    this.#at = start + 1;
    this.#limit = start + packetBytes;
    return true;
  }
}
