import type { EventLoop, Handle } from "../../../loop/mod.ts";
import { StoreError } from "../../store_error.ts";
import type { StoreClock } from "../store_clock.ts";
import { Batch } from "./batch.ts";
import { ByteWriter } from "./byte_writer.ts";
import type { KeySpace } from "./key_space.ts";
import type { KvDatabase } from "./kv_database.ts";
import type { Sequence } from "./sequence.ts";
import type { StoreOwner } from "./store_owner.ts";

const ASK_AGAIN_MS = 250;
const ASK_TRIES = 40;
/** How long changes that nobody waits for may wait for others to be committed with. */
const PATIENCE_MS = 20;
/** How often the time of the store's clock is stored, for the next owner to go on from. */
const STORE_TIME_MS = 1000;

/** A change to be made durable. */
export interface Change {
  /** Puts itself into a transaction. */
  stage(batch: Batch): void;
  /** Is durable: takes effect in memory, at once. */
  committed(): void;
  /** Is not durable, and has no effect. */
  failed(error: StoreError): void;
}

/** What a committer is told about its surroundings. */
export interface CommitterOptions {
  kv: KvDatabase;
  keys: KeySpace;
  /** On whose behalf it commits. */
  owner: StoreOwner;
  /** The version of the entry that says so. */
  fence: string;
  loop: EventLoop;
  clock: StoreClock;
  /** Gives numbers to new segments. */
  sequence: Sequence;
  /** Called between the effects of the changes and those of their segments. */
  onCommitted: (batch: Batch) => void;
  /** Called before the changes take effect. */
  onCommitting: (batch: Batch) => void;
  /** Another has become the owner: nothing can be committed any more. */
  onLost: (error: StoreError) => void;
}

/**
 * Commits changes in groups: whatever arrives while one transaction is
 * being written goes into the next one. Each transaction succeeds only as long as
 * the store is owned by the one on whose behalf it is made.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #scratch = new ByteWriter(131_072);
  #waiting: Change[] = [];
  /** Changes that nobody waits for; they come before those that are waited for. */
  #unhurried: Change[] = [];
  #patience: Handle | null = null;
  #running: Promise<void> | null = null;
  #fence: string;
  #renewedAt = -Infinity;
  #timeStoredAt = -Infinity;
  #ended: StoreError | null = null;

  /**
   * @param options See {@linkcode CommitterOptions}.
   */
  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#fence = options.fence;
  }

  /** Takes a change in, to be committed with the next transaction. */
  submit(change: Change): void {
    if (this.#ended !== null) return change.failed(this.#ended);
    this.#waiting.push(change);
    this.#start();
  }

  /**
   * Takes a change in that nobody waits for: it is committed with the next transaction, but for a
   * moment it doesn't need one of its own.
   */
  submitUnhurried(change: Change): void {
    if (this.#ended !== null) return change.failed(this.#ended);
    this.#unhurried.push(change);
    this.#patience ??= this.#options.loop.callLater(PATIENCE_MS, () => {
      this.#hurry();
      this.#start();
    });
  }

  /** Renews the entry that says who owns the store, unless that has just happened. */
  async renew(heartbeatMs: number): Promise<void> {
    if (this.#options.loop.now() - this.#renewedAt < heartbeatMs / 2) return;
    await this.write(() => {});
  }

  /** Commits what `stage` puts into a transaction. */
  write(stage: (batch: Batch) => void): Promise<void> {
    return new Promise((committed, failed) => this.submit({ stage, committed, failed }));
  }

  /** Waits until nothing is left to commit. */
  async idle(): Promise<void> {
    this.#hurry();
    if (this.#waiting.length > 0) this.#start();
    while (this.#running !== null) await this.#running;
  }

  /** Fails all changes that are not being written, and takes no more. */
  end(error: StoreError): void {
    this.#ended ??= error;
    this.#hurry();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const change of waiting) change.failed(error);
  }

  /** Gives the store up, so that another can own it at once; to be called when all is idle. */
  async leave(): Promise<void> {
    const { kv, keys, sequence, clock } = this.#options;
    try {
      await kv.atomic()
        .check({ key: keys.owner, versionstamp: this.#fence })
        .delete(keys.owner)
        .set(keys.ceiling, sequence.state)
        .set(keys.clock, clock.now())
        .commit();
    } catch (error) {
      throw asStoreError(error);
    }
  }

  #start(): void {
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  /** Lets all that nobody waits for go with the next transaction, before what is waited for. */
  #hurry(): void {
    this.#patience?.cancel();
    this.#patience = null;
    if (this.#unhurried.length === 0) return;
    this.#waiting = [...this.#unhurried, ...this.#waiting];
    this.#unhurried = [];
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const { keys, clock } = this.#options;
      const batch = new Batch(keys, clock.now(), this.#scratch);
      const changes = this.#take(batch);
      try {
        await this.#commit(batch);
      } catch (error) {
        const failure = asStoreError(error);
        this.#options.sequence.retract();
        for (const change of changes) change.failed(failure);
        if (failure.code === "lost") {
          this.end(failure);
          this.#options.onLost(failure);
        }
        continue;
      }
      this.#options.onCommitting(batch);
      for (const change of changes) change.committed();
      this.#options.onCommitted(batch);
    }
    this.#running = null;
  }

  #take(batch: Batch): Change[] {
    this.#hurry();
    const waiting = this.#waiting;
    let taken = 0;
    while (taken < waiting.length && !batch.full) waiting[taken++].stage(batch);
    this.#waiting = waiting.slice(taken);
    waiting.length = taken;
    return waiting;
  }

  /** Commits a batch, each time renewing the entry that says who owns the store. */
  async #commit(batch: Batch): Promise<void> {
    const { kv, keys, sequence, loop, clock, owner } = this.#options;
    const nextSeq = (): number => sequence.nextSeq();
    sequence.stage(batch);
    const atomic = kv.atomic()
      .check({ key: keys.owner, versionstamp: this.#fence })
      .set(keys.owner, { ...owner, seenAt: loop.wallNow() });
    const isTimeDue = loop.now() - this.#timeStoredAt >= STORE_TIME_MS;
    if (isTimeDue) atomic.set(keys.clock, clock.now());
    batch.build(atomic, nextSeq);
    let failure: unknown;
    try {
      const result = await atomic.commit();
      if (result.ok) {
        if (isTimeDue) this.#timeStoredAt = loop.now();
        return this.#passed(result.versionstamp);
      }
    } catch (error) {
      failure = error;
    }
    const version = await this.#askVersion();
    if (version === this.#fence) throw failure;
    this.#passed(version);
  }

  #passed(versionstamp: string): void {
    this.#fence = versionstamp;
    this.#renewedAt = this.#options.loop.now();
  }

  /**
   * The version of the owner's entry, which tells whether a transaction that has failed was written
   * nevertheless. Nothing goes on until that is known, or the store is closed.
   */
  async #askVersion(): Promise<string> {
    const { kv, keys, owner, loop } = this.#options;
    for (let attempt = 1;; attempt++) {
      try {
        const { value, versionstamp } = await kv.get(keys.owner);
        const holder = value as StoreOwner | null;
        if (holder?.instance === owner.instance && versionstamp !== null) return versionstamp;
        throw lost(holder);
      } catch (error) {
        if (error instanceof StoreError || this.#ended !== null) throw error;
        if (attempt === ASK_TRIES) throw silent(error);
      }
      await loop.sleep(ASK_AGAIN_MS);
    }
  }
}

function lost(holder: StoreOwner | null): StoreError {
  const who = holder === null
    ? "has been given up"
    : `belongs to process ${holder.pid} on ${holder.host}`;
  return new StoreError(`Cannot change jobs as the store ${who}`, { code: "lost" });
}

function silent(cause: unknown): StoreError {
  const message = "Cannot change jobs as the database doesn't tell what it has written";
  return new StoreError(message, { code: "lost", cause });
}

function asStoreError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  return new StoreError("Cannot change jobs as the database has failed", { code: "failed", cause });
}
