import type { Outbox } from "../outbox.ts";
import { PAGE_PEERS, PEER_BYTES, type PeerTable } from "../peer_table.ts";
import { Errno } from "./errno.ts";
import { IoVector, MessageHeader, SOCKADDR_IN6_BYTES, SOCKADDR_IN_BYTES } from "./layout.ts";
import type { Libc } from "./libc.ts";
import { addressOf, nativeWords, writeAddress } from "./native_memory.ts";
import { Family, type IpFamily } from "./sockaddr.ts";

/** Datagrams a system call: their headers stay in the processor's nearest cache. */
const WINDOW = 64;
const NAME_WORDS = PEER_BYTES / 4;

/** Options of {@linkcode SendWindow}. */
export interface SendWindowOptions {
  /** The C library. */
  libc: Libc;
  /** The family of the socket. */
  family: IpFamily;
  /** The table that holds the addresses. */
  peers: PeerTable;
}

/** Hands runs of queued datagrams to the system, straight from an outbox. */
export class SendWindow {
  readonly #libc: Libc;
  readonly #peers: PeerTable;
  // What native memory points into must outlive it: the vectors and names
  // here, the pages in the table, and the outbox during the call.
  readonly #headers = nativeWords(WINDOW * MessageHeader.words);
  readonly #vectors = nativeWords(WINDOW * IoVector.words);
  readonly #names: Uint32Array<ArrayBuffer> | null;
  readonly #pages: number[] = [];

  /** @param options See {@linkcode SendWindowOptions}. */
  constructor(options: SendWindowOptions) {
    this.#libc = options.libc;
    this.#peers = options.peers;
    this.#names = options.family === Family.INET6 ? null : nativeWords(WINDOW * NAME_WORDS);
    this.#layOut();
  }

  /**
   * Sends datagrams of an outbox.
   *
   * @param descriptor The socket's number.
   * @param run The outbox, where its memory lies, and the first to send.
   * @returns How many were sent: at least one, or the negative error number of the first.
   */
  send(descriptor: number, run: { outbox: Outbox; base: number; from: number }): number {
    const { outbox, base, from } = run;
    const known = this.#peers.size;
    let count = Math.min(WINDOW, outbox.count - from);
    for (let i = 0; i < count; i++) {
      const peer = outbox.targets[from + i];
      // Whom the table doesn't know has no address in memory to point to.
      if (peer < 0 || peer >= known) {
        if (i === 0) return -Errno.EDESTADDRREQ;
        count = i;
        break;
      }
      const start = outbox.starts[from + i];
      writeAddress(this.#vectors, i * IoVector.words + IoVector.base, base + start);
      this.#vectors[i * IoVector.words + IoVector.length] = outbox.lengths[from + i];
      this.#setName(i, peer);
    }
    const sent = this.#libc.calls.sendmmsg(descriptor, this.#headers, count, 0);
    return sent < 0 ? -this.#libc.errno[0] : sent;
  }

  #setName(place: number, peer: number): void {
    const names = this.#names;
    if (names !== null) return this.#setIpv4Name(names, place, peer);
    const number = peer / PAGE_PEERS | 0;
    const page = this.#pages[number] ??= addressOf(this.#peers.page(peer));
    const at = place * MessageHeader.words + MessageHeader.name;
    writeAddress(this.#headers, at, page + (peer % PAGE_PEERS) * PEER_BYTES);
  }

  // An address that isn't IPv4 keeps its family, which the system then refuses.
  #setIpv4Name(names: Uint32Array, place: number, peer: number): void {
    const page = this.#peers.page(peer);
    const at = (peer % PAGE_PEERS) * NAME_WORDS;
    const mapped = page[at + 4] === 0xffff0000 && page[at + 3] === 0 && page[at + 2] === 0;
    const family = mapped ? Family.INET : Family.INET6;
    names[place * NAME_WORDS] = family | (page[at] & 0xffff0000);
    names[place * NAME_WORDS + 1] = page[at + 5];
  }

  #layOut(): void {
    const vectors = addressOf(this.#vectors);
    const names = this.#names === null ? 0 : addressOf(this.#names);
    for (let i = 0; i < WINDOW; i++) {
      const header = i * MessageHeader.words;
      this.#headers[header + MessageHeader.nameLength] = names === 0
        ? SOCKADDR_IN6_BYTES
        : SOCKADDR_IN_BYTES;
      writeAddress(this.#headers, header + MessageHeader.name, names + i * PEER_BYTES);
      writeAddress(
        this.#headers,
        header + MessageHeader.vectors,
        vectors + i * IoVector.words * 4,
      );
      this.#headers[header + MessageHeader.vectorCount] = 1;
    }
  }
}
