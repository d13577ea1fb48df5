import type { DatagramSocket, EventLoop, Handle } from "../loop/mod.ts";
import { MAX_HELD } from "./_commit_queue.ts";
import type { SubscriberCursor, SubscriptionTable } from "./_subscription_table.ts";
import type { ValueTable } from "./_value_table.ts";

/** Most signals queued in one iteration of the loop, so that queries get their turn. */
const MAX_CHUNK = 128;
/** Part of the outbox that signals leave to replies, those included that waited for a commit. */
const RESERVE = MAX_HELD;
/** How long signals wait when the outbox is full. */
const FULL_WAIT_MS = 1;

/** Options of {@linkcode Broadcaster}. */
export interface BroadcasterOptions {
  /** The loop. */
  loop: EventLoop;
  /** The subscribers. */
  subscriptions: SubscriptionTable;
  /** The ids, kept while a signal is to be repeated. */
  values: ValueTable;
  /** The socket that sends. */
  socket: DatagramSocket;
  /** How often each signal is sent. */
  repeat: number;
  /** How long after a signal it is repeated. */
  repeatDelayMs: number;
  /**
   * Protects a body for a peer.
   *
   * @returns The packet, or `null` when the plain one is right.
   */
  protect: (route: number, peer: number, body: Uint8Array) => Uint8Array | null;
  /** Asked before a signal is queued; a refused one is dropped. */
  admit: (route: number, peer: number, bytes: number) => boolean;
  /** Called with each signal that is queued. */
  onSignal: () => void;
}

interface Fanout {
  readonly id: number;
  readonly packet: Uint8Array<ArrayBuffer>;
  readonly cursor: SubscriberCursor;
  readonly round: number;
}

/**
 * Sends a change to the subscribers of its id: encoded once, in chunks, so that
 * however many there are, the loop serves others in between. A newer change of
 * the same id replaces one that is still under way.
 */
export class Broadcaster {
  readonly #options: BroadcasterOptions;
  readonly #fanouts = new Map<number, Fanout>();
  readonly #repeats = new Map<number, Handle>();
  #scheduled = false;
  #closed = false;

  constructor(options: BroadcasterOptions) {
    this.#options = options;
  }

  /** How many changes are under way. */
  get active(): number {
    return this.#fanouts.size;
  }

  /**
   * Sends a packet to the subscribers of `id`.
   *
   * @param id The id.
   * @param packet The plain packet.
   */
  start(id: number, packet: Uint8Array<ArrayBuffer>): void {
    this.#start(id, packet, 1);
  }

  /** Gives up what is under way for `id`. */
  cancel(id: number): void {
    this.#fanouts.get(id)?.cursor.end();
    this.#fanouts.delete(id);
    const repeat = this.#repeats.get(id);
    if (repeat === undefined) return;
    repeat.cancel();
    this.#repeats.delete(id);
    this.#options.values.unuse(id);
  }

  /** Gives up everything under way. */
  close(): void {
    this.#closed = true;
    for (const id of [...this.#fanouts.keys(), ...this.#repeats.keys()]) this.cancel(id);
  }

  #start(id: number, packet: Uint8Array<ArrayBuffer>, round: number): void {
    if (this.#closed) return;
    this.cancel(id);
    const cursor = this.#options.subscriptions.cursor(id);
    if (cursor.done) return;
    this.#fanouts.set(id, { id, packet, cursor, round });
    if (!this.#scheduled) this.#run();
  }

  #run = (): void => {
    this.#scheduled = false;
    let budget = MAX_CHUNK;
    for (const fanout of this.#fanouts.values()) {
      budget -= this.#send(fanout, budget);
      if (!fanout.cursor.done) break;
      this.#fanouts.delete(fanout.id);
      if (fanout.round < this.#options.repeat) this.#repeatLater(fanout);
    }
    if (this.#fanouts.size === 0) return;
    this.#scheduled = true;
    if (budget > 0) this.#options.loop.callLater(FULL_WAIT_MS, this.#run);
    else this.#options.loop.callSoon(this.#run);
  };

  #send({ packet, cursor }: Fanout, most: number): number {
    const { outbox } = this.#options.socket;
    const { protect, admit, onSignal } = this.#options;
    const room = Math.min(most, outbox.room - RESERVE);
    const shared = room > 0 ? outbox.put(packet) : -1;
    if (shared < 0) return 0;
    const body = packet.subarray(1);
    const range = { start: shared, length: packet.length };
    let taken = 0;
    for (; taken < room && !cursor.done; cursor.advance()) {
      const { peer, route } = cursor;
      const own = protect(route, peer, body);
      taken++;
      if (!admit(route, peer, own?.length ?? packet.length)) continue;
      if (own !== null && !outbox.send(peer, own)) break;
      if (own === null) outbox.share(peer, range);
      onSignal();
    }
    return taken;
  }

  #repeatLater({ id, packet, round }: Fanout): void {
    const { loop, repeatDelayMs, values } = this.#options;
    values.use(id);
    const repeat = loop.callLater(repeatDelayMs, () => this.#start(id, packet, round + 1));
    this.#repeats.set(id, repeat);
  }
}
