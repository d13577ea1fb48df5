import type { PeerTable } from "./peer_table.ts";

/** Options of {@linkcode Outbox}. */
export interface OutboxOptions {
  /** The table whose peers the datagrams go to; queued ones retain theirs. */
  peers: PeerTable;
  /**
   * Most datagrams queued.
   *
   * @default {4096}
   */
  maxQueued?: number;
  /**
   * Bytes of memory for the datagrams.
   *
   * @default {1_048_576}
   */
  maxBytes?: number;
  /** Called when the first datagram is queued. */
  onFirst?: () => void;
}

/**
 * Datagrams waiting for the I/O phase, in one piece of memory in which they
 * are written in place. Several entries may share their bytes, so that what
 * goes to many peers is encoded once.
 *
 * @example One encoding, two peers
 * ```ts
 * import { Outbox, PeerTable } from "@sluice/sluice/loop";
 * import { assertEquals } from "@std/assert";
 *
 * const peers = new PeerTable();
 * const outbox = new Outbox({ peers });
 * const at = outbox.put(new TextEncoder().encode("news"));
 * for (const port of [1, 2]) {
 *   outbox.share(peers.internAddress("127.0.0.1", port), { start: at, length: 4 });
 * }
 * assertEquals(outbox.count, 2);
 * ```
 */
export class Outbox {
  /** The memory that holds the datagrams. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each queued datagram starts. */
  readonly starts: Int32Array<ArrayBuffer>;
  /** How long each queued datagram is. */
  readonly lengths: Int32Array<ArrayBuffer>;
  /** Whom each queued datagram is for. */
  readonly targets: Int32Array<ArrayBuffer>;
  /** How many datagrams are queued. */
  count = 0;
  #used = 0;
  #peers: PeerTable;
  #onFirst: (() => void) | undefined;

  /**
   * Makes an empty outbox.
   *
   * @param options See {@linkcode OutboxOptions}.
   */
  constructor(options: OutboxOptions) {
    const maxQueued = options.maxQueued ?? 4096;
    this.bytes = new Uint8Array(options.maxBytes ?? 1_048_576);
    this.starts = new Int32Array(maxQueued);
    this.lengths = new Int32Array(maxQueued);
    this.targets = new Int32Array(maxQueued);
    this.#peers = options.peers;
    this.#onFirst = options.onFirst;
  }

  /** How many more datagrams can be queued, should there be bytes for them. */
  get room(): number {
    return this.starts.length - this.count;
  }

  /**
   * Finds room for a datagram that is written in place and then queued by
   * {@linkcode commit}, before any other call.
   *
   * @param maxLength The most bytes it may take.
   * @returns Where to write it in {@linkcode bytes}, or -1 when the outbox is full.
   */
  open(maxLength: number): number {
    const full = this.count === this.starts.length || this.#used + maxLength > this.bytes.length;
    return full ? -1 : this.#used;
  }

  /**
   * Queues the datagram that was written where {@linkcode open} said.
   *
   * @param peer Whom it is for; nobody when it is -1, as of a full peer table.
   * @param length Its length in bytes.
   */
  commit(peer: number, length: number): void {
    if (peer < 0) return;
    const start = this.#used;
    this.#used += length;
    this.#queue(peer, start, length);
  }

  /**
   * Copies bytes in without queueing them, for {@linkcode share}.
   *
   * @returns Where they start, or -1 when the outbox is full.
   */
  put(bytes: Uint8Array): number {
    const start = this.open(bytes.length);
    if (start < 0) return -1;
    this.bytes.set(bytes, start);
    this.#used += bytes.length;
    return start;
  }

  /**
   * Queues for `peer` bytes that the outbox already holds.
   *
   * @returns Whether there was room, and `peer` is one.
   */
  share(peer: number, range: { start: number; length: number }): boolean {
    if (this.count === this.starts.length || peer < 0) return false;
    this.#queue(peer, range.start, range.length);
    return true;
  }

  /**
   * Queues a copy of `bytes` for `peer`.
   *
   * @returns Whether there was room, and `peer` is one.
   */
  send(peer: number, bytes: Uint8Array): boolean {
    const start = this.open(bytes.length);
    if (start < 0 || peer < 0) return false;
    this.bytes.set(bytes, start);
    this.commit(peer, bytes.length);
    return true;
  }

  /** Forgets all datagrams and lets their peers go. */
  clear(): void {
    for (let i = 0; i < this.count; i++) this.#peers.release(this.targets[i]);
    this.count = 0;
    this.#used = 0;
  }

  #queue(peer: number, start: number, length: number): void {
    const i = this.count++;
    this.starts[i] = start;
    this.lengths[i] = length;
    this.targets[i] = peer;
    this.#peers.retain(peer);
    if (i === 0) this.#onFirst?.();
  }
}
