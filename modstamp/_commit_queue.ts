import { type EventLoop, Outbox, type PeerTable } from "../loop/mod.ts";
import type { ModstampStore } from "./store.ts";

/** Changes that become durable together, and the replies that wait for it. */
export interface CommitGroup {
  /** The last value of each id that changes. */
  readonly values: Map<string, Uint8Array>;
  /** Each change in order, for the subscribers. */
  readonly changes: { id: number; value: Uint8Array }[];
  /** Replies that may not be sent before. */
  readonly held: Outbox;
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
  /** Called with a group that could not be stored. */
  onFailed: (group: CommitGroup, error: unknown) => void;
}

/**
 * Group commit: what arrives while one group is written forms the next, so that
 * the store's pace sets the size of the groups and not the pace of the changes.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #filling: CommitGroup;
  #idle: CommitGroup;
  #committing: CommitGroup | null = null;
  #settled: Promise<void> = Promise.resolve();

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    const makeGroup = (): CommitGroup => ({
      values: new Map(),
      changes: [],
      held: new Outbox({ peers: options.peers }),
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

  /** Commits what has gathered, now or as soon as the group before is done. */
  flush(): void {
    if (this.#committing !== null) return;
    const group = this.#filling;
    if (group.held.count === 0 && group.changes.length === 0) return;
    this.#filling = this.#idle;
    if (group.changes.length === 0) return this.#finish(group);
    this.#committing = group;
    this.#settled = this.#options.store.commit(group.values).then(
      () => this.#settle(() => this.#options.onCommitted(group)),
      (error) => this.#settle(() => this.#options.onFailed(group, error)),
    );
  }

  /** Commits everything and waits for it. */
  async drain(): Promise<void> {
    this.flush();
    while (this.#committing !== null) {
      await this.#settled;
      await this.#options.loop.sleep(0);
    }
  }

  #settle(report: () => void): void {
    this.#options.loop.callSoon(() => {
      const group = this.#committing!;
      this.#committing = null;
      report();
      this.#recycle(group);
      this.flush();
    });
  }

  #finish(group: CommitGroup): void {
    this.#options.onCommitted(group);
    this.#recycle(group);
  }

  #recycle(group: CommitGroup): void {
    group.values.clear();
    group.changes.length = 0;
    group.held.clear();
    this.#idle = group;
  }
}
