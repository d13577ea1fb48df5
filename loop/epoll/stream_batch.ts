import type { WriteQueue } from "../write_queue.ts";
import type { Libc } from "./libc.ts";
import { addressOf } from "./native_memory.ts";
import type { ReadArena } from "./read_arena.ts";
import { Ring } from "./ring.ts";

/**
 * Room for what one stream reads in a batch. No power of two, as the same places of all rooms
 * would compete for the same few lines of the cache.
 */
const ROOM_BYTES = 2112;

/** A stream that leaves sending and reading to a batch. */
export interface BatchedStream {
  /** The number of its descriptor. */
  readonly descriptorNumber: number;
  /** What it has to send. */
  readonly outgoing: WriteQueue;
  /** Sends by itself. */
  push(): void;
  /** Reads by itself. */
  pull(): void;
  /** The first `result` bytes were sent, or sending came to a negative error number. */
  onPushed(result: number): void;
  /** As many bytes as `result` says were read to `start` in the arena, or it is as for `read()` there. */
  onPulled(result: number, start: number): void;
}

/** Options of {@linkcode StreamBatch}. */
export interface StreamBatchOptions {
  /** The C library. */
  libc: Libc;
  /** What streams read into. */
  arena: ReadArena;
  /**
   * From how many streams on one call for all is made instead of one for each.
   *
   * @default {3}
   */
  batchFrom?: number;
}

/**
 * Sends and reads for all streams that have to in an I/O phase: many in one
 * call where the system has rings, and stream by stream elsewhere. A ring that
 * fails is given up, and what it did not do is done when epoll tells of it.
 */
export class StreamBatch implements Disposable {
  /** How much a stream reads at most in a batch. */
  static readonly roomBytes = ROOM_BYTES;
  readonly #libc: Libc;
  readonly #arena: ReadArena;
  readonly #batchFrom: number;
  readonly #addresses = new WeakMap<ArrayBuffer, number>();
  #ring: Ring | null | undefined;
  #pushing: BatchedStream[] = [];
  #pulling: BatchedStream[] = [];
  readonly #starts: number[] = [];
  readonly #taken: BatchedStream[] = [];
  #lastBytes: Uint8Array<ArrayBuffer> | null = null;
  #lastAddress = 0;

  /** @param options See {@linkcode StreamBatchOptions}. */
  constructor(options: StreamBatchOptions) {
    this.#libc = options.libc;
    this.#arena = options.arena;
    this.#batchFrom = options.batchFrom ?? 3;
  }

  /** A stream has something to send. */
  push(stream: BatchedStream): void {
    this.#pushing.push(stream);
  }

  /** A stream has something to read. */
  pull(stream: BatchedStream): void {
    this.#pulling.push(stream);
  }

  /** Sends. */
  flushPushes(): void {
    const streams = this.#pushing;
    for (let i = 0; i < streams.length; i += Ring.capacity) {
      const end = Math.min(i + Ring.capacity, streams.length);
      const ring = this.#ringFor(streams.length);
      if (ring !== null) this.#pushWith(ring, i, end);
      else for (let j = i; j < end; j++) streams[j].push();
    }
    this.#lastBytes = null;
    streams.length = 0;
  }

  /** Reads. */
  flushPulls(): void {
    const streams = this.#pulling;
    for (let i = 0; i < streams.length; i += Ring.capacity) {
      const end = Math.min(i + Ring.capacity, streams.length);
      const ring = this.#ringFor(streams.length);
      if (ring !== null) this.#pullWith(ring, i, end);
      else for (let j = i; j < end; j++) streams[j].pull();
    }
    streams.length = 0;
  }

  /** Closes the ring. */
  [Symbol.dispose](): void {
    this.#ring?.[Symbol.dispose]();
    this.#ring = null;
  }

  #ringFor(count: number): Ring | null {
    if (count < this.#batchFrom) return null;
    if (this.#ring === undefined) this.#ring = Ring.open(this.#libc);
    return this.#ring;
  }

  #pushWith(ring: Ring, from: number, end: number): void {
    const taken = this.#taken;
    for (let i = from; i < end; i++) {
      const stream = this.#pushing[i];
      const piece = stream.outgoing.only;
      // Memory that its owner has given away meanwhile is none to point to.
      if (piece === null || piece.end > piece.bytes.length) {
        stream.push();
        continue;
      }
      const address = this.#addressOf(piece.bytes) + piece.start;
      ring.send(stream.descriptorNumber, address, piece.end - piece.start);
      taken.push(stream);
    }
    if (!ring.submit()) this[Symbol.dispose]();
    for (let i = 0; i < taken.length; i++) taken[i].onPushed(ring.results[i]);
    taken.length = 0;
  }

  #pullWith(ring: Ring, from: number, end: number): void {
    const streams = this.#pulling;
    const arena = this.#arena;
    let count = 0;
    while (from + count < end && arena.free >= ROOM_BYTES) {
      const start = this.#starts[count] = arena.reserve(ROOM_BYTES);
      ring.receive(streams[from + count++].descriptorNumber, arena.address(start), ROOM_BYTES);
    }
    if (!ring.submit()) this[Symbol.dispose]();
    for (let i = 0; i < count; i++) streams[from + i].onPulled(ring.results[i], this.#starts[i]);
  }

  #addressOf(bytes: Uint8Array<ArrayBuffer>): number {
    if (bytes === this.#lastBytes) return this.#lastAddress;
    const { buffer } = bytes;
    let base = this.#addresses.get(buffer);
    if (base === undefined) {
      base = addressOf(new Uint8Array(buffer));
      this.#addresses.set(buffer, base);
    }
    this.#lastBytes = bytes;
    return this.#lastAddress = base + bytes.byteOffset;
  }
}
