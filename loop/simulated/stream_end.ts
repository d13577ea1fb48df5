import type { StreamAddress } from "../stream.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Machine } from "./machine.ts";
import type { ParcelKind } from "./stream_pipe.ts";
import type { World } from "./world.ts";

/** Options of {@linkcode StreamEnd}. */
export interface StreamEndOptions {
  /** The machine it is on. */
  machine: Machine;
  /** Where it is. */
  local: Endpoint;
  /** Where it is, as its owner sees it. */
  localAddress: StreamAddress;
  /** Where the other end is, as its owner sees it. */
  remoteAddress: StreamAddress;
  /** Called once, when it is of no use to anybody any more. */
  onGone?: () => void;
}

/** One end of a stream as a kernel keeps it: what has arrived, and what may be sent. */
export class StreamEnd {
  /** Where it is. */
  readonly local: Endpoint;
  /** Ends of streams share no port. */
  readonly reusePort = false;
  /** The machine it is on. */
  readonly machine: Machine;
  /** Where it is, as its owner sees it. */
  readonly localAddress: StreamAddress;
  /** Where the other end is, as its owner sees it. */
  readonly remoteAddress: StreamAddress;
  /** Told when there is something to do. */
  owner: (() => void) | null = null;
  readonly #world: World;
  readonly #onGone: (() => void) | undefined;
  #peer!: StreamEnd;
  #carry!: (kind: ParcelKind, arrive: () => void) => void;
  #arrived: Uint8Array[] = [];
  #arrivedBytes = 0;
  #peerEnded = false;
  #unacknowledged = 0;
  #held = false;
  #ended = false;
  #gone = false;
  #failure: string | null = null;

  constructor(options: StreamEndOptions) {
    this.machine = options.machine;
    this.local = options.local;
    this.localAddress = options.localAddress;
    this.remoteAddress = options.remoteAddress;
    this.#onGone = options.onGone;
    this.#world = options.machine.world;
  }

  /** Connects it with the other end, by what carries parcels there. */
  connect(peer: StreamEnd, carry: (kind: ParcelKind, arrive: () => void) => void): void {
    this.#peer = peer;
    this.#carry = carry;
  }

  /** Whether there is something to read: bytes, the end or a failure. */
  get readable(): boolean {
    return this.#arrivedBytes > 0 || this.#peerEnded || this.#failure !== null;
  }

  /** How many bytes can be read. */
  get arrivedBytes(): number {
    return this.#arrivedBytes;
  }

  /** Whether the other end has sent its last byte. */
  get peerEnded(): boolean {
    return this.#peerEnded;
  }

  /** The error number, by its name, that reading or writing fails with; `null` for none. */
  get failure(): string | null {
    return this.#failure;
  }

  /**
   * Takes bytes to be sent, as far as the window allows.
   *
   * @returns How many bytes it has taken.
   */
  send(bytes: Uint8Array): number {
    const { machine } = this;
    const faults = this.#world.faultsOf(machine, this.#peer.machine);
    const room = Math.max(0, faults.windowBytes - this.#unacknowledged);
    const count = Math.min(room, bytes.length);
    for (let at = 0; at < count;) {
      const most = Math.min(faults.maxSegmentBytes, count - at);
      const length = 1 + Math.floor(this.#world.random.next() * most);
      const segment = bytes.slice(at, at + length);
      this.#carry("data", () => this.#peer.#arrive(segment));
      at += length;
    }
    this.#unacknowledged += count;
    this.#held = count < bytes.length;
    return count;
  }

  /** Answers the call of the other end; `arrive` is called when the answer is there. */
  greet(arrive: () => void): void {
    this.#carry("data", arrive);
  }

  /** Tells the other end that this was all. */
  end(): void {
    this.#ended = true;
    this.#carry("data", () => this.#peer.#arriveEnd());
  }

  /**
   * Reads what has arrived.
   *
   * @param into Where to put it; filled as far as there is something.
   */
  read(into: Uint8Array): void {
    let count = 0;
    while (count < into.length && this.#arrived.length > 0) {
      const segment = this.#arrived[0];
      const part = segment.subarray(0, into.length - count);
      into.set(part, count);
      count += part.length;
      if (part.length === segment.length) this.#arrived.shift();
      else this.#arrived[0] = segment.subarray(part.length);
    }
    this.#arrivedBytes -= count;
    if (!this.#gone) this.#carry("ack", () => this.#peer.#acknowledge(count));
  }

  /**
   * Gives it up. What was sent still arrives, but what still comes is refused.
   *
   * @param reset Whether the other end is cut off at once, as it is when
   * something was left unread.
   */
  close(reset: boolean): void {
    if (this.#gone) return;
    if (reset || this.#arrivedBytes > 0) this.#reset();
    else if (!this.#ended) this.end();
    this.#leave();
  }

  /** Gives it up without a word. */
  vanish(): void {
    this.#leave();
    this.#peer.#probe();
  }

  /** Asks for the acknowledgment of what was sent, as a sender does that gets none. */
  #probe(): void {
    if (this.#gone || this.#unacknowledged === 0) return;
    this.#carry("data", () => this.#peer.#reset("refusal"));
  }

  /** Makes writing fail with an error number, by its name, and reading once all was read. */
  fail(errno: string): void {
    if (this.#gone) return;
    this.#failure = errno;
    this.#leave();
    this.owner?.();
  }

  #reset(kind: "reset" | "refusal" = "reset"): void {
    this.#world.note("reset", { from: this.local });
    this.#carry(kind, () => this.#peer.fail("ECONNRESET"));
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#onGone?.();
  }

  #arrive(segment: Uint8Array): void {
    if (this.#gone) return this.#reset("refusal");
    this.#world.note("segments", { from: this.#peer.local, to: this.local, bytes: segment });
    this.#arrived.push(segment);
    this.#arrivedBytes += segment.length;
    this.owner?.();
  }

  #arriveEnd(): void {
    if (this.#gone) return;
    this.#peerEnded = true;
    this.owner?.();
  }

  #acknowledge(count: number): void {
    this.#unacknowledged -= count;
    if (this.#held) this.owner?.();
  }
}
