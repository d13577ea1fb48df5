import type { Endpoint } from "./endpoint.ts";

/** What happened in a simulated network, how often each. */
export interface NetworkStats {
  /** Datagrams sent by a program. */
  sent: number;
  /** Datagrams that arrived at a socket. */
  delivered: number;
  /** Datagrams lost by chance. */
  lost: number;
  /** Datagrams that came a second time. */
  duplicated: number;
  /** Datagrams held back, so that others could overtake them. */
  reordered: number;
  /** Datagrams dropped as they were longer than the network carries. */
  oversized: number;
  /** Datagrams dropped at a partition. */
  partitioned: number;
  /** Datagrams for an address or port at which nobody is. */
  unreachable: number;
  /** Datagrams dropped by a NAT that has no mapping for them. */
  unmapped: number;
  /** Datagrams dropped as the receiving socket's buffer was full. */
  overflowed: number;
  /** Mappings made by a NAT. */
  mapped: number;
  /** Mappings moved to another public port. */
  rebound: number;
  /** Streams asked for. */
  connecting: number;
  /** Streams that came about. */
  connected: number;
  /** Streams refused, as nobody listened. */
  refused: number;
  /** Handshakes dropped as a backlog was full. */
  backlogged: number;
  /** Segments of streams that arrived. */
  segments: number;
  /** Segments of streams that were lost and sent again. */
  retransmitted: number;
  /** Segments of streams held up by a partition or a host that is down. */
  stalled: number;
  /** Streams reset by one of their ends. */
  reset: number;
  /** Streams given up, as nothing was acknowledged. */
  abandoned: number;
  /** Hosts crashed. */
  crashed: number;
  /** Hosts that started a program, their first ones included. */
  booted: number;
}

/** An event in a simulated network. */
export interface NetworkEvent {
  /** When, in milliseconds since the world began. */
  atMs: number;
  /** What happened. */
  what: keyof NetworkStats;
  /** Who sent it, or whom it happened to. */
  from: string;
  /** Whom it was for. */
  to: string;
  /** How many bytes it has. */
  length: number;
}

/** To whom something happened. */
export interface TracedEvent {
  /** Who sent it, or whom it happened to. */
  from: Endpoint | string;
  /** Whom it was for. */
  to?: Endpoint | string;
  /** What it carries. */
  bytes?: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** Counts what happens, and folds it into a digest by which two runs are compared. */
export class NetworkTrace {
  readonly #stats: NetworkStats = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    oversized: 0,
    partitioned: 0,
    unreachable: 0,
    unmapped: 0,
    overflowed: 0,
    mapped: 0,
    rebound: 0,
    connecting: 0,
    connected: 0,
    refused: 0,
    backlogged: 0,
    segments: 0,
    retransmitted: 0,
    stalled: 0,
    reset: 0,
    abandoned: 0,
    crashed: 0,
    booted: 0,
  };
  readonly #numbers = new Map(Object.keys(this.#stats).map((key, i) => [key, i]));
  readonly #time = new Float64Array(1);
  readonly #timeWords = new Int32Array(this.#time.buffer);
  readonly #onEvent: ((event: NetworkEvent) => void) | undefined;
  #a = 0x811c9dc5 | 0;
  #b = 0x9e3779b9 | 0;

  /** @param onEvent Told of everything. */
  constructor(onEvent: ((event: NetworkEvent) => void) | undefined) {
    this.#onEvent = onEvent;
  }

  /** Something happened at `atMs`. */
  note(what: keyof NetworkStats, atMs: number, event: TracedEvent): void {
    const { from, to = "", bytes = NOTHING } = event;
    this.#stats[what]++;
    this.turn(this.#numbers.get(what)!, atMs);
    this.#foldPlace(from);
    this.#foldPlace(to);
    this.#fold(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.#fold(bytes[i]);
    this.#onEvent?.({
      atMs,
      what,
      from: typeof from === "string" ? from : from.key,
      to: typeof to === "string" ? to : to.key,
      length: bytes.length,
    });
  }

  /** A loop, by its number, ran at `atMs`. */
  turn(number: number, atMs: number): void {
    this.#time[0] = atMs;
    this.#fold(number);
    this.#fold(this.#timeWords[0]);
    this.#fold(this.#timeWords[1]);
  }

  /** How often what happened. */
  stats(): NetworkStats {
    return { ...this.#stats };
  }

  /** A text of 16 digits that two equal runs share. */
  digest(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  #foldPlace(place: Endpoint | string): void {
    if (typeof place !== "string") return this.#fold(place.digest);
    for (let k = 0; k < place.length; k++) this.#fold(place.charCodeAt(k));
  }

  #fold(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0x01000193);
    this.#b = Math.imul(this.#b ^ (this.#a >>> 15) ^ word, 0x85ebca6b);
    this.#a ^= this.#b >>> 13;
  }
}
