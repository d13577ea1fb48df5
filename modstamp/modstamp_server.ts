import { type DatagramSocket, EventLoop, type SocketAddress } from "../loop/mod.ts";
import { Broadcaster } from "./_broadcaster.ts";
import { checkChange } from "./_check_change.ts";
import { type CommitGroup, CommitQueue } from "./_commit_queue.ts";
import { PeerLimiter } from "./_peer_limiter.ts";
import { ProfileMatcher } from "./_profile_matcher.ts";
import { RecentVersions } from "./_recent_versions.ts";
import { RequestHandler } from "./_request_handler.ts";
import { SubscriptionTable } from "./_subscription_table.ts";
import { ValueListeners } from "./_value_listeners.ts";
import { sameBytes, ValueTable } from "./_value_table.ts";
import { inspect, type Inspection, type InspectOptions } from "./inspection.ts";
import { MemoryModstampStore } from "./memory_store.ts";
import { encodeMessages } from "./message.ts";
import { encodeHeader } from "./packet.ts";
import { SecurityProfile } from "./security_profile.ts";
import { type ModstampServerOptions, type ServerSettings, settle } from "./server_options.ts";
import { type ModstampServerStats, zeroStats } from "./server_stats.ts";
import type { ModstampSource, ValueListener } from "./source.ts";
import { type ModstampStore, StoreError } from "./store.ts";

/** The longest datagram there is (IPv4), as with the reference. */
const MAX_DATAGRAM_BYTES = 65_507;
/** How often expired subscriptions and values in doubt are looked for. */
const UPKEEP_PERIOD_MS = 1000;
/** Most subscriptions expired in one iteration of the loop. */
const MAX_EXPIRY = 10_000;

/**
 * A server of the modstamp protocol: keeps a value for each id, tells it to
 * those who query, and for five minutes after their last query tells them its
 * changes. A change is confirmed once it is durable.
 *
 * @example Set a value and read it
 * ```ts
 * import { ModstampClient, ModstampServer } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await ModstampServer.listen({ hostname: "127.0.0.1", port: 0 });
 * await using client = new ModstampClient({ hostname: "127.0.0.1", port: server.address.port });
 * await client.send({ test: "abc" });
 * assertEquals(await client.get(["test"]), new Map([["test", "abc"]]));
 * ```
 */
export class ModstampServer implements ModstampSource, AsyncDisposable {
  readonly #loop: EventLoop;
  readonly #socket: DatagramSocket;
  readonly #stats: ModstampServerStats = zeroStats();
  readonly #values: ValueTable;
  readonly #subscriptions: SubscriptionTable;
  readonly #commits: CommitQueue;
  readonly #requests: RequestHandler;
  readonly #broadcaster: Broadcaster;
  readonly #upkeep: Disposable;
  readonly #onError: (error: unknown) => void;
  readonly #versions: RecentVersions | null;
  readonly #listeners = new ValueListeners();
  #closing: Promise<void> | null = null;

  private constructor(parts: ServerParts) {
    const { loop, socket, settings, values } = parts;
    const { peers } = socket;
    this.#loop = loop;
    this.#socket = socket;
    this.#values = values;
    this.#onError = parts.onError;
    this.#versions = parts.store.subscribe === undefined ? null : new RecentVersions();
    this.#subscriptions = new SubscriptionTable({
      maxSubscriptions: settings.maxSubscriptions,
      maxPerPeer: settings.maxSubscriptionsPerPeer,
      ttlMs: settings.subscriptionTtlMs,
      onRemove: (peer, id) => this.#unsubscribe(peer, id),
    });
    this.#commits = new CommitQueue({
      loop,
      store: parts.store,
      peers,
      onCommitted: (group) => this.#publish(group),
      onFailed: (group, error) => this.#giveUp(group, error),
    });
    const matcher = new ProfileMatcher({
      profile: parts.profile,
      peers,
      clock: loop.clock,
      random: loop.random,
    });
    const limiter = new PeerLimiter({ ...settings, peers, seed: loop.random.next() * 2 ** 32 });
    const requests = this.#requests = new RequestHandler({
      loop,
      socket,
      values,
      subscriptions: this.#subscriptions,
      commits: this.#commits,
      matcher,
      limiter,
      stats: this.#stats,
      packetBytes: settings.packetBytes,
      isShared: this.#versions !== null,
    });
    this.#broadcaster = new Broadcaster({
      loop,
      socket,
      subscriptions: this.#subscriptions,
      values,
      repeat: settings.broadcastRepeat,
      repeatDelayMs: settings.repeatDelayMs,
      protect: (route, peer, body) => requests.protect(matcher.entries[route], peer, body),
      admit: (route, peer, bytes) => requests.admit(matcher.entries[route], peer, bytes),
      onSignal: () => void this.#stats.signals++,
    });
    peers.onForget((peer) => {
      matcher.forget(peer);
      limiter.forget(peer);
      requests.forget(peer);
    });
    this.#upkeep = loop.every(UPKEEP_PERIOD_MS, () => {
      this.#expire();
      this.#repair();
    });
  }

  /**
   * Loads the stored values and starts to serve.
   *
   * @param options See {@linkcode ModstampServerOptions}.
   * @throws {RangeError} When an option is out of its range.
   * @throws {StoreError} When the store can't be read.
   */
  static async listen(options: ModstampServerOptions = {}): Promise<ModstampServer> {
    const { loop = EventLoop.default() } = options;
    const store: ModstampStore = options.store ?? new MemoryModstampStore();
    const settings = settle(options);
    const values = new ValueTable({
      maxIds: settings.maxIds,
      seed: loop.random.next() * 2 ** 32,
    });
    let server: ModstampServer | null = null;
    const early: [changes: ReadonlyMap<string, Uint8Array>, version: number][] = [];
    store.subscribe?.((changes, version) => {
      if (server !== null) server.#adopt(changes, version);
      else early.push([changes, version]);
    });
    await store.load((name, value) => values.restore(name, value));
    const onError = options.onError ?? ((error) => reportError(error));
    const socket = await loop.bindDatagram({
      hostname: options.hostname,
      port: settings.port,
      reusePort: options.reusePort,
      maxPeers: settings.maxPeers,
      maxDatagramBytes: MAX_DATAGRAM_BYTES,
      onBatch: (batch) => {
        if (server !== null && server.#closing === null) server.#requests.receive(batch);
      },
      onError,
    });
    const { profile = SecurityProfile.default() } = options;
    server = new ModstampServer({ loop, socket, settings, values, store, profile, onError });
    for (const [changes, version] of early) server.#adopt(changes, version);
    return server;
  }

  /** Where the server listens. */
  get address(): SocketAddress {
    return this.#socket.localAddress;
  }

  /** What the server has counted. */
  stats(): ModstampServerStats {
    return {
      ...this.#stats,
      refused: { ...this.#stats.refused },
      subscriptions: this.#subscriptions.count,
      ids: this.#values.ids.count,
      peers: this.#socket.peers.size,
    };
  }

  /** The durable value of `id`, or `undefined` when it has none. */
  value(id: string): Uint8Array | undefined {
    const value = this.#values.find(id);
    return value.length === 0 ? undefined : value.slice();
  }

  /**
   * Changes values, as a peer that may do so.
   *
   * @param changes The new values by id; an empty one deletes.
   * @returns Once they are durable, and subscribers are being told.
   * @throws {RangeError} When an id or a value is invalid.
   * @throws {StoreError} When they could not be stored, there are too many ids or changes that wait,
   *   or the server is closed.
   */
  async change(changes: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const [id, value] of changes) checkChange(id, value);
    if (this.#closing !== null) throw refusal("the server is closed");
    if (this.#commits.isCrowded) throw refusal("too many changes wait for the store");
    if (changes.size === 0) return;
    for (const change of this.#claim(changes)) {
      this.#stats.changes++;
      this.#commits.change(change);
    }
    const durable = this.#commits.join();
    this.#commits.flush();
    await durable;
  }

  /** Has `onChange` called with each new value, whoever has changed it. */
  watch(onChange: ValueListener): Disposable {
    return this.#listeners.add(onChange);
  }

  /** Looks at ids, their values and how many have subscribed to them; for people. */
  inspect(options: InspectOptions = {}): Inspection {
    return inspect({ values: this.#values, subscriptions: this.#subscriptions }, options);
  }

  /** Stores and confirms what was received, then closes the socket. The store stays open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#closing ??= this.#close());
  }

  /** Gives all of the ids a number, or none. */
  #claim(
    changes: ReadonlyMap<string, Uint8Array>,
  ): { id: number; name: string; value: Uint8Array }[] {
    const claimed: { id: number; name: string; value: Uint8Array }[] = [];
    for (const [name, value] of changes) {
      const id = this.#values.ids.intern(name);
      if (id < 0) {
        for (const { id } of claimed) this.#values.unuse(id);
        throw refusal("there are too many ids");
      }
      this.#values.use(id);
      claimed.push({ id, name, value: value.slice() });
    }
    return claimed;
  }

  async #close(): Promise<void> {
    this.#upkeep[Symbol.dispose]();
    this.#repair();
    await this.#commits.drain();
    this.#broadcaster.close();
    await this.#socket[Symbol.asyncDispose]();
  }

  // As with the reference, a peer that is both gets the signal before the confirmation.
  #publish({ held, changes, version }: CommitGroup): void {
    const news = this.#versions === null ? changes : this.#latest(changes, version);
    for (const { id, value } of news) this.#set(id, value);
    for (let i = 0; i < held.count; i++) {
      const start = held.starts[i];
      const packet = held.bytes.subarray(start, start + held.lengths[i]);
      if (!this.#socket.send(held.targets[i], packet)) this.#stats.outboxFull++;
    }
    for (const { id } of changes) this.#values.unuse(id);
  }

  /** The last change of each id, unless another server has changed it since. */
  #latest(changes: CommitGroup["changes"], version: number): CommitGroup["changes"] {
    const last = new Map(changes.map((change) => [change.id, change]));
    return [...last.values()].filter(({ id }) =>
      this.#versions!.accept(this.#values.ids.name(id), version)
    );
  }

  #adopt(changes: ReadonlyMap<string, Uint8Array>, version: number): void {
    for (const [name, value] of changes) {
      if (!this.#versions!.accept(name, version)) continue;
      const id = this.#values.ids.intern(name);
      if (id < 0) this.#stats.overloaded++;
      else this.#set(id, value);
    }
  }

  #set(id: number, value: Uint8Array): void {
    const isNew = !sameBytes(value, this.#values.get(id));
    // An id without a value may lose its name.
    const name = this.#values.ids.name(id);
    if (isNew) this.#announce(id, value);
    this.#values.set(id, value);
    if (isNew) this.#listeners.tell(name, value);
  }

  #giveUp(group: CommitGroup, error: unknown): void {
    this.#stats.failedCommits++;
    for (const { id } of group.changes) {
      this.#values.doubt(id);
      this.#values.unuse(id);
    }
    this.#onError(error);
  }

  #announce(id: number, value: Uint8Array): void {
    if (!this.#subscriptions.has(id)) return this.#broadcaster.cancel(id);
    const message = { kind: "signal" as const, id: this.#values.ids.name(id), value };
    const packet = Uint8Array.from([...encodeHeader("", ""), ...encodeMessages([message])[0]]);
    this.#broadcaster.start(id, packet);
  }

  #unsubscribe(peer: number, id: number): void {
    this.#socket.peers.release(peer);
    this.#values.unuse(id);
  }

  // After a failed commit the store may hold the new value though nobody was told
  // of it, and would tell it after a restart: it gets the value that is served.
  // Not so when others may have changed it since.
  #repair(): void {
    if (this.#versions !== null) return;
    for (const id of this.#values.doubtful) {
      const name = this.#values.ids.name(id);
      if (this.#commits.pending(name) !== undefined) continue;
      this.#values.use(id);
      this.#commits.change({ id, name, value: this.#values.get(id) });
    }
    this.#commits.flush();
  }

  #expire(): void {
    const more = this.#subscriptions.expire(this.#loop.now(), MAX_EXPIRY);
    if (more) this.#loop.callSoon(() => this.#expire());
  }
}

function refusal(reason: string): StoreError {
  return new StoreError(`Cannot change modstamps as ${reason}`, { store: "server" });
}

interface ServerParts {
  loop: EventLoop;
  socket: DatagramSocket;
  settings: ServerSettings;
  values: ValueTable;
  store: ModstampStore;
  profile: SecurityProfile;
  onError: (error: unknown) => void;
}
