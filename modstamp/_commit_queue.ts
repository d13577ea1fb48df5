import { type EventLoop, Outbox, type PeerTable } from "../loop/mod.ts";
import { GroupPatience } from "./_group_patience.ts";
import type { ModstampStore } from "./store.ts";

/** Most replies that wait for one commit. */
export const MAX_HELD = 2048;

/** Changes that become durable together, and the replies that wait for it. */
export interface CommitGroup {
  /** The last value of each id that changes. */
  readonly values: Map<string, Uint8Array>;
  /** Each change in order, for the subscribers. */
  readonly changes: { id: number; value: Uint8Array }[];
  /** Replies that may not be sent before. */
  readonly held: Outbox;
  /** Callers of this process that wait for it. */
  readonly waiters: PromiseWithResolvers<void>[];
  /** The version that a shared store gave the group. */
  version: number;
}

/** Options of {@linkcode CommitQueue}. */
export interface CommitQueueOptions {
  /** The loop. */
  loop: EventLoop;
  /** Where the changes go. */
  store: ModstampStore;
  /** The peers of the replies. */
  peers: PeerTable;
  /** Called with a group that is durable. */
  onCommitted: (group: CommitGroup) => void;
  /** Called with a group that could not be stored; what depended on it is in it too. */
  onFailed: (group: CommitGroup, error: unknown) => void;
}

/**
 * Group commit: what arrives while one group is written forms the next, so that
 * the store's pace sets the size of the groups and not the pace of the changes.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  readonly #patience = new GroupPatience();
  #waiting = false;
  #filling: CommitGroup;
  #idle: CommitGroup;
  #committing: CommitGroup | null = null;
  #settled: Promise<void> = Promise.resolve();

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    const makeGroup = (): CommitGroup => ({
      values: new Map(),
      changes: [],
      held: new Outbox({ peers: options.peers, maxQueued: MAX_HELD }),
      waiters: [],
      version: 0,
    });
    this.#filling = makeGroup();
    this.#idle = makeGroup();
  }

  /** Where replies are written that wait for the group that is filling. */
  get held(): Outbox {
    return this.#filling.held;
  }

  /** The value that `id` is about to get, if any. */
  pending(id: string): Uint8Array | undefined {
    return this.#filling.values.get(id) ?? this.#committing?.values.get(id);
  }

  /** Adds a change to the group that is filling. */
  change(change: { id: number; name: string; value: Uint8Array }): void {
    this.#filling.values.set(change.name, change.value);
    this.#filling.changes.push(change);
  }

  /** Whether no more callers may wait for the group that is filling. */
  get isCrowded(): boolean {
    return this.#filling.waiters.length >= MAX_HELD;
  }

  /** Waits until the group that is filling is durable. */
  join(): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#filling.waiters.push(waiter);
    return waiter.promise;
  }

  /** Commits what has gathered, in a moment or as soon as the group before is done. */
  flush(): void {
    if (this.#committing !== null || this.#waiting) return;
    const { held, changes } = this.#filling;
    if (changes.length === 0 || !this.#patience.waits(held.count)) return this.#flushNow();
    this.#waiting = true;
    this.#options.loop.callSoon(() => {
      this.#waiting = false;
      this.flush();
    });
  }

  /** Commits everything and waits for it. */
  async drain(): Promise<void> {
    for (this.#flushNow(); this.#committing !== null; this.#flushNow()) {
      await this.#settled;
      await this.#options.loop.sleep(0);
    }
  }

  #flushNow(): void {
    if (this.#committing !== null) return;
    const group = this.#filling;
    if (group.held.count === 0 && group.changes.length === 0) return;
    this.#filling = this.#idle;
    if (group.changes.length > 0) {
      this.#committing = group;
      this.#settled = this.#commit(group);
    } else this.#report(group, () => this.#options.onCommitted(group));
  }

  async #commit(group: CommitGroup): Promise<void> {
    let report = (): void => {
      this.#patience.answered(group.held.count, this.#filling.held.count);
      this.#options.onCommitted(group);
    };
    try {
      group.version = await this.#options.store.commit(group.values) ?? 0;
    } catch (error) {
      report = () => this.#giveUp(group, error);
    }
    this.#options.loop.callSoon(() => {
      this.#committing = null;
      try {
        this.#report(group, report);
      } finally {
        this.flush();
      }
    });
  }

  // What has gathered meanwhile was answered as if this group were stored.
  #giveUp(group: CommitGroup, error: unknown): void {
    for (const change of this.#filling.changes) group.changes.push(change);
    for (const { reject } of [...group.waiters, ...this.#filling.waiters]) reject(error);
    group.waiters.length = 0;
    clear(this.#filling);
    this.#options.onFailed(group, error);
  }

  #report(group: CommitGroup, report: () => void): void {
    try {
      report();
    } finally {
      for (const { resolve } of group.waiters) resolve();
      clear(group);
      this.#idle = group;
    }
  }
}

function clear(group: CommitGroup): void {
  group.values.clear();
  group.changes.length = 0;
  group.held.clear();
  group.waiters.length = 0;
}
