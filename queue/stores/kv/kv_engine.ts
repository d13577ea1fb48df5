import type { EventLoop, Handle } from "../../../loop/mod.ts";
import { StoreError } from "../../store_error.ts";
import type { StoreStats, TubeStats } from "../../store_stats.ts";
import type { JobOutcome, NewJob } from "../../stored_job.ts";
import type { WaitOptions } from "../../job_store.ts";
import { ConditionWaiters } from "../condition_waiters.ts";
import { OutcomeBoard } from "../outcome_board.ts";
import { ReserveDesk } from "../reserve_desk.ts";
import { StoreClock } from "../store_clock.ts";
import type { Batch } from "./batch.ts";
import { Bodies } from "./bodies.ts";
import { Clerk } from "./clerk.ts";
import { Committer } from "./committer.ts";
import { DelayWatch } from "./delay_watch.ts";
import { InboxReader } from "./inbox_reader.ts";
import { Intake } from "./intake.ts";
import { KeySpace } from "./key_space.ts";
import type { KvDatabase, KvKey } from "./kv_database.ts";
import type { KvRecord } from "./kv_record.ts";
import { KvShelf } from "./kv_shelf.ts";
import { decodeOutcome } from "./outcome_codec.ts";
import { type Ownership, takeOwnership } from "./ownership.ts";
import { Pauses } from "./pauses.ts";
import { giveBack, readLedgers } from "./recovery.ts";
import { Rewriter } from "./rewriter.ts";
import { SegmentIndex } from "./segment_index.ts";
import { Sequence, type SequenceState } from "./sequence.ts";

/** What an engine is made of; see the options of the store. */
export interface EngineOptions {
  kv: KvDatabase;
  ownsKv: boolean;
  prefix: KvKey;
  loop: EventLoop;
  maxJobs: number;
  maxJobBytes: number;
  maxPendingBytes: number;
  maxLoadedBytes: number;
  heartbeatMs: number;
  ownerTimeoutMs: number;
  waitMs: number;
  inboxPollMs: number;
  onError: ((error: unknown) => void) | undefined;
  signal: AbortSignal | undefined;
}

/** What the last owner has left. */
interface Past {
  readonly sequence: SequenceState | null;
  /** What its clock showed. */
  readonly storeMs: number;
}

/** The parts of a store on a key-value database, put together. */
export class KvEngine {
  readonly #options: EngineOptions;
  readonly #keys: KeySpace;
  readonly #sequence: Sequence;
  readonly #clock: StoreClock;
  readonly #pauses: Pauses;
  readonly #committer: Committer;
  readonly #rewriter: Rewriter;
  readonly #delays: DelayWatch;
  readonly #bodies: Bodies;
  readonly #inbox: InboxReader;
  readonly #ticks = new Map<string, number>();
  readonly index: SegmentIndex;
  readonly desk: ReserveDesk;
  readonly board: OutcomeBoard = new OutcomeBoard();
  readonly conditions: ConditionWaiters = new ConditionWaiters();
  readonly intake: Intake;
  readonly clerk: Clerk;
  #heartbeat: Handle | null = null;
  #closing: Promise<void> | null = null;
  /** Why the store is of no use any more; `null` while it is. */
  ended: StoreError | null = null;

  private constructor(options: EngineOptions, ownership: Ownership, past: Past) {
    const { kv, loop } = options;
    const keys = new KeySpace(options.prefix);
    const onReady = (tube: string): void => this.#serve(tube);
    const onError = (error: unknown): void => this.#report(error);
    this.#options = options;
    this.#keys = keys;
    const sequence = new Sequence(keys, past.sequence);
    const clock = new StoreClock(loop);
    clock.raise(past.storeMs);
    const { maxLoadedBytes } = options;
    const unpark = (record: KvRecord): boolean => this.desk.unpark(record);
    const index = new SegmentIndex({ loop, kv, keys, maxLoadedBytes, onReady, onError, unpark });
    const committer = new Committer({
      kv,
      keys,
      ...ownership,
      loop,
      clock,
      sequence,
      onCommitting: (batch) => this.#leave(batch),
      onCommitted: (batch) => this.#enter(batch),
      onLost: (error) => this.#lose(error),
    });
    this.index = index;
    this.#committer = committer;
    this.#sequence = sequence;
    this.#clock = clock;
    this.#pauses = new Pauses({ loop, clock, kv, keys, index, committer, onEnd: onReady });
    const bodies = new Bodies({ loop, kv, keys, committer });
    this.#bodies = bodies;
    this.#rewriter = new Rewriter({ keys, index, committer, onReady, onError });
    this.#delays = new DelayWatch(index, { loop, clock, rewriter: this.#rewriter, onReady });
    const shelf = new KvShelf({ loop, keys, index, committer, bodies });
    const { board, conditions } = this;
    const { tubes } = index;
    const desk = new ReserveDesk(shelf, { loop, clock, tubes, board, conditions, onError });
    this.desk = desk;
    this.clerk = new Clerk({ loop, clock, index, shelf, desk, board, bodies });
    this.intake = new Intake({ ...options, clock, keys, index, committer, bodies, sequence });
    this.#inbox = new InboxReader({ ...options, keys, committer, intake: this.intake, onError });
  }

  /** Becomes the owner of a store, reads what there is, and gives back what was left reserved. */
  static async open(options: EngineOptions): Promise<KvEngine> {
    const { kv } = options;
    const keys = new KeySpace(options.prefix);
    const ownership = await takeOwnership({ ...options, keys });
    const { value: sequence } = await kv.get(keys.ceiling);
    const { value: storeMs } = await kv.get(keys.clock);
    const engine = new KvEngine(options, ownership, { sequence, storeMs: Number(storeMs ?? 0) });
    await engine.#recover();
    return engine;
  }

  /** Gives no job of a tube out for a while. */
  pause(name: string, durationMs: number): Promise<void> {
    return this.#pauses.pause(name, durationMs);
  }

  tubeStats(tube: string): TubeStats | null {
    const { waiters } = this.desk;
    return this.index.tubes.tubeStats(tube, this.#options.loop.now(), waiters.sizeOf(tube));
  }

  stats(): StoreStats {
    const { leases, waiters } = this.desk;
    const { pendingBytes } = this.intake;
    return this.index.tubes.stats({
      waiting: waiters.size,
      pendingBytes,
      staleLeases: leases.stale,
    });
  }

  whenEmpty(tube: string, options?: WaitOptions): Promise<void> {
    const isEmpty = (): boolean => {
      const tally = this.index.tubes.find(tube)?.tally;
      return tally === undefined || tally.size === tally.buried;
    };
    return this.conditions.wait(isEmpty, options);
  }

  async outcome(id: number): Promise<JobOutcome | null> {
    const recent = this.board.recall(id);
    if (recent !== null) return recent;
    const { value } = await this.#options.kv.get(this.#keys.outcome(id));
    return decodeOutcome(value, this.#clock.now());
  }

  /** Stores a job together with the tick of a schedule, unless that was taken before. */
  async pushTick(schedule: string, tick: number, job: NewJob): Promise<boolean> {
    const key = this.#keys.tick(schedule);
    if (!this.#ticks.has(schedule)) {
      const { value } = await this.#options.kv.get(key);
      if (!this.#ticks.has(schedule)) this.#ticks.set(schedule, Number(value ?? -Infinity));
    }
    const before = this.#ticks.get(schedule)!;
    if (before >= tick) return false;
    this.#ticks.set(schedule, tick);
    try {
      await this.intake.push(job, { also: (batch) => batch.set(key, tick) });
      return true;
    } catch (error) {
      if (this.#ticks.get(schedule) === tick) this.#ticks.set(schedule, before);
      throw error;
    }
  }

  /** Ends everything; `at once` rejects what is not being written yet. */
  close(how: "at once" | "in order"): Promise<void> {
    this.#closing ??= this.#close(how);
    return this.#closing;
  }

  async #recover(): Promise<void> {
    const { loop, heartbeatMs, kv } = this.#options;
    const parts = { loop, kv, keys: this.#keys, index: this.index };
    this.#heartbeat = loop.every(heartbeatMs, () => this.#renew());
    try {
      this.#sequence.raise(await readLedgers(parts));
      await this.#pauses.read();
      await giveBack(parts, this.#committer);
      for await (const { key, value } of kv.list({ prefix: this.#keys.loose })) {
        this.#bodies.sweep({ id: key.at(-1) as number, count: Number(value) });
      }
    } catch (error) {
      await this.close("at once");
      throw error;
    }
    for (const { name, content } of [...this.index.tubes.values()]) {
      this.#delays.wake(name);
      this.#tend(name);
      if (content.ready.segments.size > 0) this.#serve(name);
    }
    this.#inbox.start();
  }

  async #renew(): Promise<void> {
    try {
      await this.#committer.renew(this.#options.heartbeatMs);
    } catch (error) {
      if (error instanceof StoreError && error.code !== "failed") return;
      this.#report(error);
    }
  }

  #serve(tube: string): void {
    this.desk.waiters.serve(tube);
  }

  /** Takes jobs out of the segments that a transaction has taken them from. */
  #leave(batch: Batch): void {
    for (const record of batch.leaving()) this.index.exclude(record);
  }

  /** Takes in the segments that a transaction has stored. */
  #enter(batch: Batch): void {
    const tubes = new Set<string>();
    for (const { segment, records } of batch.made) {
      this.index.add(segment, records);
      if (segment.state === "delayed") this.#delays.watch(segment.headAt);
      tubes.add(segment.tube);
    }
    for (const tube of tubes) {
      this.#tend(tube);
      this.#serve(tube);
    }
    this.conditions.check();
  }

  #tend(name: string): void {
    const content = this.index.tubes.find(name)?.content;
    if (content === undefined) return;
    for (const state of ["ready", "delayed", "buried"] as const) {
      this.#rewriter.tend(content[state], state);
    }
  }

  #lose(error: StoreError): void {
    this.#end(error);
    this.#report(error);
  }

  #end(error: StoreError): void {
    this.ended ??= error;
    this.#heartbeat?.cancel();
    this.#delays.close();
    this.#inbox.close();
    this.desk.close(error);
    this.board.close(error);
    this.conditions.rejectAll(error);
  }

  async #close(how: "at once" | "in order"): Promise<void> {
    const error = new StoreError("Cannot use job store as it is closed", { code: "closed" });
    const wasLost = this.ended !== null;
    this.#end(error);
    if (how === "at once") this.#committer.end(error);
    await this.#rewriter.idle();
    await this.#bodies.close();
    await this.#committer.idle();
    if (!wasLost) await this.#leaveOwnership(how);
    if (this.#options.ownsKv) this.#options.kv.close();
  }

  async #leaveOwnership(how: "at once" | "in order"): Promise<void> {
    try {
      await this.#committer.leave();
    } catch (error) {
      if (how === "in order") this.#report(error);
    }
  }

  #report(error: unknown): void {
    const { onError, loop } = this.#options;
    if (onError !== undefined) onError(error);
    else loop.callSoon(() => Promise.reject(error));
  }
}
