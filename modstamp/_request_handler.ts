import type { DatagramBatch, DatagramSocket, EventLoop } from "../loop/mod.ts";
import type { CommitQueue } from "./_commit_queue.ts";
import { MessageReader } from "./_message_reader.ts";
import type { PeerLimiter } from "./_peer_limiter.ts";
import type { ActiveEntry, ProfileMatcher } from "./_profile_matcher.ts";
import { ReplyWriter, type Route } from "./_reply_writer.ts";
import type { SubscriptionTable } from "./_subscription_table.ts";
import { EMPTY, sameBytes, type ValueTable } from "./_value_table.ts";
import type { Refusal } from "./encryptor.ts";
import { LETTERS } from "./message.ts";
import { decodeHeader } from "./packet.ts";
import type { ModstampServerStats } from "./server_stats.ts";

const QUERY = LETTERS.query.charCodeAt(0);
const REPLY = LETTERS.reply.charCodeAt(0);
const CHANGE = LETTERS.change.charCodeAt(0);
const CONFIRM = LETTERS.confirm.charCodeAt(0);

/** What a {@linkcode RequestHandler} works with. */
export interface RequestHandlerOptions {
  /** The loop. */
  loop: EventLoop;
  /** The socket that received the packets. */
  socket: DatagramSocket;
  /** The durable values. */
  values: ValueTable;
  /** The subscribers. */
  subscriptions: SubscriptionTable;
  /** The way of changes into the store. */
  commits: CommitQueue;
  /** The security profile at work. */
  matcher: ProfileMatcher;
  /** Limits strangers. */
  limiter: PeerLimiter;
  /** What is counted. */
  stats: ModstampServerStats;
  /** Most bytes of a packet. */
  packetBytes: number;
  /** Whether other servers change the store too, so that a value here may be outdated. */
  isShared: boolean;
}

/**
 * Serves the packets of a batch, straight from the memory they were received
 * in: decode, look up, subscribe, and encode the reply.
 */
export class RequestHandler {
  readonly #loop: EventLoop;
  readonly #socket: DatagramSocket;
  readonly #values: ValueTable;
  readonly #subscriptions: SubscriptionTable;
  readonly #commits: CommitQueue;
  readonly #matcher: ProfileMatcher;
  readonly #limiter: PeerLimiter;
  readonly #stats: ModstampServerStats;
  readonly #packetBytes: number;
  readonly #isShared: boolean;
  readonly #reader = new MessageReader();
  readonly #replies: ReplyWriter;
  readonly #sessions = new Map<number, Uint8Array>();
  // One object each, used again for every message, so that a packet allocates nothing.
  readonly #id = { bytes: EMPTY, start: 0, end: 0 };
  readonly #subscriber = { peer: 0, route: 0 };
  readonly #route: Route = { peer: 0, encryptor: null, session: undefined };
  #entry!: ActiveEntry;
  #held = false;
  #now = 0;

  constructor(options: RequestHandlerOptions) {
    this.#loop = options.loop;
    this.#socket = options.socket;
    this.#values = options.values;
    this.#subscriptions = options.subscriptions;
    this.#commits = options.commits;
    this.#matcher = options.matcher;
    this.#limiter = options.limiter;
    this.#stats = options.stats;
    this.#packetBytes = options.packetBytes;
    this.#isShared = options.isShared;
    this.#replies = new ReplyWriter({
      packetBytes: options.packetBytes,
      admit: (peer, bytes) => this.admit(this.#entry, peer, bytes),
      onFull: () => void this.#stats.outboxFull++,
    });
  }

  /** Serves a batch of packets. */
  receive(batch: DatagramBatch): void {
    this.#now = this.#loop.now();
    const { count, bytes } = batch;
    for (let i = 0; i < count; i++) {
      const peer = batch.peer(i);
      this.#stats.packets++;
      if (peer < 0) this.#stats.overloaded++;
      else this.#receive(bytes, batch.start(i), batch.end(i), peer);
    }
    this.#commits.flush();
  }

  /** Whether so many bytes may be sent to a peer now. */
  admit(entry: ActiveEntry, peer: number, bytes: number): boolean {
    if (!isLimited(entry) || this.#limiter.takeBytes(peer, bytes, this.#loop.now())) return true;
    this.#stats.bytesLimited++;
    return false;
  }

  /** The encrypted packet for a peer, or `null` when it gets plain ones. */
  protect(entry: ActiveEntry, peer: number, body: Uint8Array): Uint8Array | null {
    return entry.plain ? null : entry.encryptor.encrypt(body, this.#sessions.get(peer));
  }

  /** Forgets a peer, as its number goes to another. */
  forget(peer: number): void {
    this.#sessions.delete(peer);
  }

  #receive(bytes: Uint8Array, start: number, end: number, peer: number): void {
    if (start === end) {
      this.#stats.malformed++;
    } else if (bytes[start] !== 0) {
      this.#receiveWithHeader(bytes.subarray(start, end), peer);
    } else {
      const entry = this.#matcher.matchBare(peer);
      if (entry === null) this.#stats.unauthorized++;
      else if (this.#mayServe(entry, peer, end - start)) {
        this.#serve({ bytes, start: start + 1, end }, peer, entry, undefined);
      }
    }
  }

  #receiveWithHeader(packet: Uint8Array, peer: number): void {
    const header = decodeHeader(packet);
    if (header === null) return void this.#stats.malformed++;
    const entries = this.#matcher.match(peer, header.signature, header.keyId);
    if (entries.length === 0) return void this.#stats.unauthorized++;
    // A stranger's packets cost a decryption each before it is known.
    if (!entries[0].plain && !this.#sessions.has(peer)) {
      if (!this.#limiter.takePacket(peer, packet.length, this.#now)) {
        return void this.#stats.packetsLimited++;
      }
    }
    const { bodyStart } = header;
    let reason: Refusal = "forged";
    for (const entry of entries) {
      const body = entry.encryptor.decrypt({
        bytes: packet,
        start: 0,
        bodyStart,
        end: packet.length,
      });
      if (body.ok) {
        if (body.session !== undefined) this.#sessions.set(peer, body.session);
        if (this.#mayServe(entry, peer, packet.length)) {
          this.#serve(body, peer, entry, body.session);
        }
        return;
      }
      reason = body.reason;
    }
    this.#stats.refused[reason]++;
  }

  #mayServe(entry: ActiveEntry, peer: number, bytes: number): boolean {
    if (entry.permission === "none") {
      this.#stats.unauthorized++;
      return false;
    }
    if (!isLimited(entry) || this.#limiter.takePacket(peer, bytes, this.#now)) return true;
    this.#stats.packetsLimited++;
    return false;
  }

  #serve(body: Body, peer: number, entry: ActiveEntry, session: Uint8Array | undefined): void {
    const reader = this.#reader;
    if (!reader.open(body.bytes, body.start, body.end)) return void this.#stats.malformed++;
    const held = this.#held = reader.hasChange && entry.permission === "rw";
    if (held && this.#commits.held.open(this.#packetBytes) < 0) {
      return void this.#stats.overloaded++;
    }
    this.#entry = entry;
    this.#subscriber.peer = peer;
    this.#subscriber.route = entry.index;
    this.#route.peer = peer;
    this.#route.encryptor = entry.plain ? null : entry.encryptor;
    this.#route.session = session;
    this.#id.bytes = body.bytes;
    this.#replies.begin(held ? this.#commits.held : this.#socket.outbox, this.#route);
    while (reader.next()) {
      if (reader.letter === QUERY && reader.argumentCount === 1) this.#query();
      else if (reader.letter === CHANGE && reader.argumentCount === 2) this.#change();
      else this.#stats.skipped++;
    }
    this.#replies.end();
  }

  #query(): void {
    const { idStart, idEnd } = this.#reader;
    const { bytes } = this.#id;
    const { ids } = this.#values;
    const hash = ids.hash(bytes, idStart, idEnd);
    if (hash < 0) return void this.#stats.skipped++;
    this.#stats.queries++;
    let id = ids.find(bytes, idStart, idEnd, hash);
    if (id < 0) id = ids.add(bytes, idStart, idEnd, hash);
    if (id < 0) {
      this.#stats.unsubscribed++;
      return this.#reply(REPLY, EMPTY);
    }
    const value = this.#held
      ? this.#commits.pending(ids.name(id)) ?? this.#values.get(id)
      : this.#values.get(id);
    this.#subscribe(id);
    this.#reply(REPLY, value);
  }

  #subscribe(id: number): void {
    const outcome = this.#subscriptions.renew(id, this.#subscriber, this.#now);
    if (outcome === "added") {
      this.#socket.peers.retain(this.#subscriber.peer);
      this.#values.use(id);
    } else if (outcome !== "renewed") {
      this.#stats.unsubscribed++;
      this.#values.releaseIdle(id);
    }
  }

  #change(): void {
    const { idStart, idEnd, valueStart, valueEnd } = this.#reader;
    const { bytes } = this.#id;
    const { ids } = this.#values;
    const hash = ids.hash(bytes, idStart, idEnd);
    if (hash < 0) return void this.#stats.skipped++;
    if (!this.#held) return void this.#stats.forbidden++;
    this.#stats.changes++;
    let id = ids.find(bytes, idStart, idEnd, hash);
    if (id < 0) id = ids.add(bytes, idStart, idEnd, hash);
    if (id < 0) return void this.#stats.overloaded++;
    const value = bytes.slice(valueStart, valueEnd);
    if (this.#isCurrent(id, value)) {
      this.#values.releaseIdle(id);
    } else {
      this.#values.use(id);
      this.#commits.change({ id, name: ids.name(id), value });
    }
    this.#reply(CONFIRM, value);
  }

  #isCurrent(id: number, value: Uint8Array): boolean {
    const pending = this.#commits.pending(this.#values.ids.name(id));
    if (pending !== undefined) return sameBytes(value, pending);
    const isCertain = !this.#isShared && !this.#values.doubtful.has(id);
    return isCertain && sameBytes(value, this.#values.get(id));
  }

  #reply(letter: number, value: Uint8Array): void {
    this.#id.start = this.#reader.idStart;
    this.#id.end = this.#reader.idEnd;
    this.#replies.add(letter, this.#id, value);
  }
}

interface Body {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Whether a peer is a stranger who could be somebody else. */
function isLimited(entry: ActiveEntry): boolean {
  return entry.plain && entry.permission !== "rw";
}
