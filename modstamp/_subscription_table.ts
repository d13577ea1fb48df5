/** Options of {@linkcode SubscriptionTable}. */
export interface SubscriptionTableOptions {
  /** Most subscriptions. */
  maxSubscriptions: number;
  /** Most subscriptions a peer. */
  maxPerPeer: number;
  /** How long a subscription lasts after its last renewal. */
  ttlMs: number;
  /** Called with the peer and the id of a subscription that is gone. */
  onRemove: (peer: number, id: number) => void;
}

/** What {@linkcode SubscriptionTable.renew} did. */
export type Renewal = "renewed" | "added" | "full" | "peerFull";

/** Who is subscribed, and by which entry of the security profile. */
export interface Subscriber {
  /** The peer. */
  peer: number;
  /** The entry's index. */
  route: number;
}

const NONE = -1;
/** The fields of a subscription, each a column of 32-bit integers. */
const COLUMNS = 8;
const ID = 0;
const PEER = 1;
const ROUTE = 2;
const RENEWED = 3;
const NEXT_OF_ID = 4;
const PREVIOUS_OF_ID = 5;
const NEWER = 6;
const OLDER = 7;

/**
 * Who is subscribed to what, in flat memory: about 50 bytes a subscription.
 * Subscriptions of one id form a list. As all live equally long, the list of
 * all in order of renewal is also the order in which they expire.
 */
export class SubscriptionTable {
  readonly #options: SubscriptionTableOptions;
  readonly #cursors = new Set<SubscriberCursor>();
  #rows = new Int32Array(1024 * COLUMNS);
  #slots = new Int32Array(2048);
  #heads = new Int32Array(256).fill(NONE);
  #counts = new Int32Array(256);
  #size = 0;
  #count = 0;
  #freeRow = NONE;
  #newest = NONE;
  #oldest = NONE;

  constructor(options: SubscriptionTableOptions) {
    this.#options = options;
  }

  /** How many subscriptions there are. */
  get count(): number {
    return this.#count;
  }

  /** How many subscriptions `peer` has. */
  countOf(peer: number): number {
    return peer < this.#counts.length ? this.#counts[peer] : 0;
  }

  /** How many subscriptions `id` has, counted to `most`. */
  countTo(id: number, most: number): number {
    let count = 0;
    let row = id < this.#heads.length ? this.#heads[id] : NONE;
    for (; row !== NONE && count < most; count++) row = this.#rows[row * COLUMNS + NEXT_OF_ID];
    return count;
  }

  /** Whether anybody is subscribed to `id`. */
  has(id: number): boolean {
    return id < this.#heads.length && this.#heads[id] !== NONE;
  }

  /**
   * Subscribes a peer to `id`, or renews its subscription.
   *
   * @param id The id.
   * @param subscriber The peer, and how to reach it: the index of its security
   *   profile's entry. Each way of one peer is a subscription of its own, so that
   *   a forged plain query can't redirect the signals of an encrypted one.
   * @param now The time in milliseconds.
   */
  renew(id: number, subscriber: Subscriber, now: number): Renewal {
    let row = this.#find(id, subscriber);
    let outcome: Renewal = "renewed";
    if (row === NONE) {
      if (this.#count >= this.#options.maxSubscriptions) return "full";
      if (this.countOf(subscriber.peer) >= this.#options.maxPerPeer) return "peerFull";
      row = this.#add(id, subscriber);
      outcome = "added";
    } else this.#unlinkAge(row);
    this.#rows[row * COLUMNS + RENEWED] = now;
    this.#linkNewest(row);
    return outcome;
  }

  /**
   * Removes what has expired.
   *
   * @param now The time in milliseconds.
   * @param max Most subscriptions removed by this call.
   * @returns Whether more have expired.
   */
  expire(now: number, max: number): boolean {
    for (let i = 0; this.#oldest !== NONE; i++) {
      const age = (now - this.#rows[this.#oldest * COLUMNS + RENEWED]) | 0;
      if (age < this.#options.ttlMs) return false;
      if (i === max) return true;
      this.#remove(this.#oldest);
    }
    return false;
  }

  /** Goes over the subscribers of `id`, as slowly as the caller likes. */
  cursor(id: number): SubscriberCursor {
    const cursor = new SubscriberCursor(id < this.#heads.length ? this.#heads[id] : NONE, {
      peer: (row) => this.#rows[row * COLUMNS + PEER],
      route: (row) => this.#rows[row * COLUMNS + ROUTE],
      next: (row) => this.#rows[row * COLUMNS + NEXT_OF_ID],
      done: (self) => this.#cursors.delete(self),
    });
    if (!cursor.done) this.#cursors.add(cursor);
    return cursor;
  }

  #find(id: number, { peer, route }: Subscriber): number {
    const mask = this.#slots.length - 1;
    for (let slot = mix(id, peer) & mask;; slot = (slot + 1) & mask) {
      const row = this.#slots[slot] - 1;
      if (row === NONE) return NONE;
      const at = row * COLUMNS;
      const same = this.#rows[at + PEER] === peer && this.#rows[at + ID] === id;
      if (same && this.#rows[at + ROUTE] === route) return row;
    }
  }

  #add(id: number, { peer, route }: Subscriber): number {
    const row = this.#takeRow();
    const at = row * COLUMNS;
    this.#rows[at + ID] = id;
    this.#rows[at + ROUTE] = route;
    this.#rows[at + PEER] = peer;
    this.#heads = enlarge(this.#heads, id);
    this.#counts = enlarge(this.#counts, peer, 0);
    const head = this.#heads[id];
    this.#rows[at + NEXT_OF_ID] = head;
    this.#rows[at + PREVIOUS_OF_ID] = NONE;
    if (head !== NONE) this.#rows[head * COLUMNS + PREVIOUS_OF_ID] = row;
    this.#heads[id] = row;
    this.#counts[peer]++;
    if (++this.#count * 2 > this.#slots.length) this.#rehash();
    else this.#place(row);
    return row;
  }

  #remove(row: number): void {
    const at = row * COLUMNS;
    const [id, peer] = [this.#rows[at + ID], this.#rows[at + PEER]];
    for (const cursor of this.#cursors) cursor.skip(row);
    this.#displace(row);
    this.#unlinkAge(row);
    const next = this.#rows[at + NEXT_OF_ID];
    const previous = this.#rows[at + PREVIOUS_OF_ID];
    if (next !== NONE) this.#rows[next * COLUMNS + PREVIOUS_OF_ID] = previous;
    if (previous !== NONE) this.#rows[previous * COLUMNS + NEXT_OF_ID] = next;
    else this.#heads[id] = next;
    this.#counts[peer]--;
    this.#count--;
    this.#rows[at + ID] = NONE;
    this.#rows[at + NEXT_OF_ID] = this.#freeRow;
    this.#freeRow = row;
    this.#options.onRemove(peer, id);
  }

  #takeRow(): number {
    const row = this.#freeRow;
    if (row !== NONE) {
      this.#freeRow = this.#rows[row * COLUMNS + NEXT_OF_ID];
      return row;
    }
    if ((this.#size + 1) * COLUMNS > this.#rows.length) {
      this.#rows = enlarge(this.#rows, this.#rows.length);
    }
    return this.#size++;
  }

  #linkNewest(row: number): void {
    const at = row * COLUMNS;
    this.#rows[at + OLDER] = this.#newest;
    this.#rows[at + NEWER] = NONE;
    if (this.#newest !== NONE) this.#rows[this.#newest * COLUMNS + NEWER] = row;
    else this.#oldest = row;
    this.#newest = row;
  }

  #unlinkAge(row: number): void {
    const newer = this.#rows[row * COLUMNS + NEWER];
    const older = this.#rows[row * COLUMNS + OLDER];
    if (newer !== NONE) this.#rows[newer * COLUMNS + OLDER] = older;
    else this.#newest = older;
    if (older !== NONE) this.#rows[older * COLUMNS + NEWER] = newer;
    else this.#oldest = newer;
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let row = 0; row < this.#size; row++) {
      if (this.#rows[row * COLUMNS + ID] !== NONE) this.#place(row);
    }
  }

  #home(row: number): number {
    return mix(this.#rows[row * COLUMNS + ID], this.#rows[row * COLUMNS + PEER]);
  }

  #place(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#home(row) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }

  #displace(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#home(row) & mask;
    while (this.#slots[slot] !== row + 1) slot = (slot + 1) & mask;
    for (let next = (slot + 1) & mask; this.#slots[next] !== 0; next = (next + 1) & mask) {
      const home = this.#home(this.#slots[next] - 1) & mask;
      if (((next - home) & mask) < ((next - slot) & mask)) continue;
      this.#slots[slot] = this.#slots[next];
      slot = next;
    }
    this.#slots[slot] = 0;
  }
}

/** A place in the list of an id's subscribers that survives changes of the list. */
export class SubscriberCursor {
  #row: number;
  readonly #table: CursorAccess;

  constructor(row: number, table: CursorAccess) {
    this.#row = row;
    this.#table = table;
  }

  /** Whether there is no further subscriber. */
  get done(): boolean {
    return this.#row === NONE;
  }

  /** The current subscriber. */
  get peer(): number {
    return this.#table.peer(this.#row);
  }

  /** How to reach the current subscriber. */
  get route(): number {
    return this.#table.route(this.#row);
  }

  /** Moves to the next subscriber. */
  advance(): void {
    this.#row = this.#table.next(this.#row);
    if (this.#row === NONE) this.#table.done(this);
  }

  /** Gives up. */
  end(): void {
    this.#row = NONE;
    this.#table.done(this);
  }

  /** Moves on when `row`, which is about to go, is the current subscriber. */
  skip(row: number): void {
    if (this.#row === row) this.advance();
  }
}

interface CursorAccess {
  peer: (row: number) => number;
  route: (row: number) => number;
  next: (row: number) => number;
  done: (cursor: SubscriberCursor) => void;
}

function mix(id: number, peer: number): number {
  let h = Math.imul(id, 0x9e3779b1) ^ Math.imul(peer, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae3d);
  return h ^ (h >>> 14);
}

function enlarge(array: Int32Array<ArrayBuffer>, index: number, fill = NONE): typeof array {
  if (index < array.length) return array;
  const larger = new Int32Array(Math.max(array.length * 2, index + 1));
  if (fill !== 0) larger.fill(fill, array.length);
  larger.set(array);
  return larger;
}
