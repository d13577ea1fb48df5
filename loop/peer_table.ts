import { formatIp, parseIp } from "./ip_address.ts";

/** An IP address and a port. */
export interface SocketAddress {
  /** The IP address as text; an IPv4-mapped one as IPv4. */
  hostname: string;
  /** The port. */
  port: number;
}

/** Bytes a peer takes in a page: a `sockaddr_in6` (28 bytes), rounded up. */
export const PEER_BYTES = 32;
/** Peers a page. Pages never move, so that native code may point into them. */
export const PAGE_PEERS = 4096;

const WORDS = PEER_BYTES / 4;
const FAMILY_INET6 = 10;

/** Options of {@linkcode PeerTable}. */
export interface PeerTableOptions {
  /**
   * Most peers remembered; at least 1.
   *
   * @default {1_048_576}
   */
  maxPeers?: number;
  /**
   * Makes the places of peers in the table unpredictable to those who choose
   * their addresses.
   *
   * @default {0}
   */
  seed?: number;
}

/**
 * Gives each address a small number, so that what is kept for a peer can live
 * in flat arrays. Peers somebody retains keep their number; others may be
 * forgotten, the longest known first, when the table is full.
 *
 * @example IPv4 and its mapped form are one peer
 * ```ts
 * import { PeerTable } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * const peers = new PeerTable();
 * const peer = peers.internAddress("127.0.0.1", 1415);
 * assertEquals(peers.internAddress("::ffff:127.0.0.1", 1415), peer);
 * assertEquals(peers.address(peer), { hostname: "127.0.0.1", port: 1415 });
 * ```
 */
export class PeerTable {
  readonly #pages: Uint32Array<ArrayBuffer>[] = [];
  readonly #maxPeers: number;
  readonly #seed: number;
  readonly #listeners: ((peer: number) => void)[] = [];
  readonly #probe = new Uint32Array(64);
  #slots = new Int32Array(1024);
  #uses = new Int32Array(512);
  #size = 0;
  #hand = 0;

  /**
   * Makes an empty table.
   *
   * @param options See {@linkcode PeerTableOptions}.
   * @throws {RangeError} When `maxPeers` is no positive integer.
   */
  constructor(options: PeerTableOptions = {}) {
    this.#maxPeers = options.maxPeers ?? 1_048_576;
    if (!Number.isSafeInteger(this.#maxPeers) || this.#maxPeers < 1) {
      throw new RangeError(
        `Cannot make peer table as maxPeers must be a positive integer: received ${this.#maxPeers}`,
      );
    }
    this.#seed = (options.seed ?? 0) | 0;
  }

  /** How many numbers are in use; every peer is below it. */
  get size(): number {
    return this.#size;
  }

  /**
   * The number of the peer whose `sockaddr_in6` starts at `words[at]`.
   *
   * @returns The number, or -1 when the table is full of retained peers.
   */
  intern(words: Uint32Array, at: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(words, at, this.#seed) & mask;
    for (;;) {
      const peer = this.#slots[slot] - 1;
      if (peer < 0) return this.#insert(words, at);
      if (this.#same(peer, words, at)) return peer;
      slot = (slot + 1) & mask;
    }
  }

  /**
   * The number of the peer at an address.
   *
   * @param hostname An IP address, with a numeric zone (`fe80::1%2`) if need be.
   * @param port The port.
   * @returns The number, or -1 when the table is full of retained peers.
   * @throws {SyntaxError} When `hostname` is no IP address.
   */
  internAddress(hostname: string, port: number): number {
    writeSocketAddress(this.#probe, hostname, port);
    return this.intern(this.#probe, 0);
  }

  /** The address of `peer`. */
  address(peer: number): SocketAddress {
    const bytes = new Uint8Array(this.page(peer).buffer);
    const at = (peer % PAGE_PEERS) * PEER_BYTES;
    const scope = this.page(peer)[(peer % PAGE_PEERS) * WORDS + 6];
    const hostname = formatIp(bytes.subarray(at + 8, at + 24));
    return {
      hostname: scope === 0 ? hostname : `${hostname}%${scope}`,
      port: (bytes[at + 2] << 8) | bytes[at + 3],
    };
  }

  /** The 16 bytes of the IP address of `peer`, IPv4 mapped; valid while it is retained. */
  ip(peer: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(
      this.page(peer).buffer,
      (peer % PAGE_PEERS) * PEER_BYTES + 8,
      16,
    );
  }

  /** The page that holds the `sockaddr_in6` of `peer`, at `peer % PAGE_PEERS`. */
  page(peer: number): Uint32Array<ArrayBuffer> {
    return this.#pages[Math.floor(peer / PAGE_PEERS)];
  }

  /** Calls `listener` whenever a peer is forgotten and its number is about to mean another. */
  onForget(listener: (peer: number) => void): void {
    this.#listeners.push(listener);
  }

  /** Keeps `peer` from being forgotten until it is released as often as retained. */
  retain(peer: number): void {
    this.#uses[peer]++;
  }

  /** Undoes one {@linkcode retain}. */
  release(peer: number): void {
    this.#uses[peer]--;
  }

  #insert(words: Uint32Array, at: number): number {
    const peer = this.#size < this.#maxPeers ? this.#grow() : this.#forgetOne();
    if (peer < 0) return -1;
    const page = this.page(peer);
    const base = (peer % PAGE_PEERS) * WORDS;
    page[base] = FAMILY_INET6 | (words[at] & 0xffff0000);
    page[base + 1] = 0;
    for (let i = 2; i < 7; i++) page[base + i] = words[at + i];
    this.#place(peer);
    return peer;
  }

  #grow(): number {
    const peer = this.#size++;
    if (peer % PAGE_PEERS === 0) this.#pages.push(new Uint32Array(PAGE_PEERS * WORDS));
    if (peer === this.#uses.length) this.#uses = enlarge(this.#uses);
    if (this.#size * 2 > this.#slots.length) {
      this.#slots = new Int32Array(this.#slots.length * 2);
      for (let i = 0; i < peer; i++) this.#place(i);
    }
    return peer;
  }

  #forgetOne(): number {
    for (let tries = 0; tries < this.#size; tries++) {
      const peer = this.#hand;
      this.#hand = (this.#hand + 1) % this.#size;
      if (this.#uses[peer] > 0) continue;
      for (const listener of this.#listeners) listener(peer);
      this.#displace(peer);
      return peer;
    }
    return -1;
  }

  #place(peer: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#home(peer) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = peer + 1;
  }

  #displace(peer: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#home(peer) & mask;
    while (this.#slots[slot] !== peer + 1) slot = (slot + 1) & mask;
    // Later entries of the run move back, so that no probe ends too early.
    for (let next = (slot + 1) & mask; this.#slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.#home(this.#slots[next] - 1) & mask;
      if (((next - home) & mask) < ((next - slot) & mask)) continue;
      this.#slots[slot] = this.#slots[next];
      slot = next;
    }
    this.#slots[slot] = 0;
  }

  #home(peer: number): number {
    return hash(this.page(peer), (peer % PAGE_PEERS) * WORDS, this.#seed);
  }

  #same(peer: number, words: Uint32Array, at: number): boolean {
    const page = this.#pages[Math.floor(peer / PAGE_PEERS)];
    const base = (peer % PAGE_PEERS) * WORDS;
    return page[base + 5] === words[at + 5] &&
      page[base] >>> 16 === words[at] >>> 16 &&
      page[base + 4] === words[at + 4] &&
      page[base + 3] === words[at + 3] &&
      page[base + 2] === words[at + 2] &&
      page[base + 6] === words[at + 6];
  }
}

/**
 * Writes an address as a `sockaddr_in6` of eight words.
 *
 * @param words Where to write it, from the first word on.
 * @param hostname An IP address, with a numeric zone if need be.
 * @param port The port.
 * @throws {SyntaxError} When `hostname` is no IP address.
 */
export function writeSocketAddress(words: Uint32Array, hostname: string, port: number): void {
  const [text, zone] = hostname.split("%");
  const ip = parseIp(text);
  if (ip === null) {
    throw new SyntaxError(`Cannot use ${hostname} as a peer as it is no IP address`);
  }
  const bytes = new Uint8Array(words.buffer, words.byteOffset, PEER_BYTES);
  words.fill(0, 0, WORDS);
  words[0] = FAMILY_INET6;
  bytes[2] = port >> 8;
  bytes[3] = port & 0xff;
  bytes.set(ip, 8);
  words[6] = zone === undefined ? 0 : Number(zone) || 0;
}

function hash(words: Uint32Array, at: number, seed: number): number {
  let h = seed ^ (words[at] >>> 16);
  h = Math.imul(h ^ words[at + 5], 0x9e3779b1);
  h = Math.imul((h ^ (h >>> 15)) ^ words[at + 4], 0x85ebca77);
  h = Math.imul((h ^ (h >>> 13)) ^ words[at + 3], 0xc2b2ae3d);
  h = Math.imul((h ^ (h >>> 16)) ^ words[at + 2], 0x27d4eb2f);
  h = Math.imul((h ^ (h >>> 15)) ^ words[at + 6], 0x165667b1);
  return h ^ (h >>> 14);
}

function enlarge(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
