import { type EventLoop, type Handle, SystemRandom } from "../../../loop/mod.ts";
import type { RedisConnection } from "../../../redis/mod.ts";
import { StoreError } from "../../store_error.ts";
import type { ReserveOptions } from "../../job_store.ts";
import type { JobOutcome, ReservedJob } from "../../stored_job.ts";
import { ConditionWaiters } from "../condition_waiters.ts";
import { OutcomeBoard } from "../outcome_board.ts";
import { memberOf, RedisReservation } from "./job_meta.ts";
import type { Header } from "./batch_reply.ts";
import { Lane } from "./lane.ts";
import { Mirror } from "./mirror.ts";
import { readNews } from "./news.ts";
import type { Answer, Operation } from "./operation.ts";
import { PUSH_SCRIPT } from "./push_script.ts";
import { WaitingRoom } from "./waiting_room.ts";
import { WORK_SCRIPT } from "./work_script.ts";

/** How soon what was due is tried again when Redis has failed, and news of others are looked up. */
const RETRY_MS = 1000;
const NEWS_MS = 100;
/** Calls that give jobs out at a time, so that Redis has one to do while others are run. */
export const TAKES_AT_ONCE = 2;
/** Jobs that one call gives out. */
const MAX_TAKEN = 10_000;

/** Options of {@linkcode RedisEngine}. */
export interface RedisEngineOptions {
  loop: EventLoop;
  prefix: string;
  maxJobs: number;
  refreshMs: number;
  replicas: number;
}

/** What goes on between the operations of a store in Redis. */
export class RedisEngine {
  readonly loop: EventLoop;
  readonly board = new OutcomeBoard();
  readonly conditions = new ConditionWaiters();
  readonly mirror = new Mirror();
  readonly pushes: Lane;
  readonly work: Lane;
  /** Apart from the others, so that jobs are given out while others are ended. */
  readonly takes: Lane;
  readonly room: WaitingRoom;
  readonly #redis: RedisConnection;
  readonly #owner = new SystemRandom().bytes(9).toHex();
  readonly #channel: string;
  readonly #stack = new DisposableStack();
  /** What the clock of Redis is ahead of the loop's. */
  #ahead = 0;
  #due: Handle | null = null;
  #refresh: Handle | null = null;
  closed: StoreError | null = null;

  /**
   * @param redis The connection, which is closed in the end.
   * @param options See {@linkcode RedisEngineOptions}.
   */
  constructor(redis: RedisConnection, options: RedisEngineOptions) {
    const { loop, maxJobs, refreshMs, replicas } = options;
    const prefix = `{${options.prefix}}:`;
    this.loop = loop;
    this.#redis = redis;
    this.#channel = `${prefix}news`;
    const shared = {
      redis,
      loop,
      prefix,
      maxJobs,
      replicas,
      now: () => this.now(),
      onHeader: (header: Header) => this.#take(header),
    };
    this.pushes = new Lane({ ...shared, script: PUSH_SCRIPT, name: `${this.#owner}:push` });
    this.work = new Lane({ ...shared, script: WORK_SCRIPT, name: `${this.#owner}:work` });
    const name = `${this.#owner}:take`;
    this.takes = new Lane({ ...shared, script: WORK_SCRIPT, name, atOnce: TAKES_AT_ONCE });
    this.room = new WaitingRoom({
      loop,
      take: (wanted) => this.take(wanted),
      undo: (jobs) => this.#undo(jobs),
      survives: () => this.closed === null,
    });
    this.#stack.use(redis.onState((isConnected) => {
      if (isConnected) this.#lookSoon(0);
    }));
    if (refreshMs !== Infinity) this.#stack.use(loop.every(refreshMs, () => this.#lookSoon(0)));
  }

  /** Reads the clock and the counters of Redis, and listens to other owners. */
  async start(): Promise<void> {
    this.#stack.use(await this.#redis.subscribe(this.#channel, (message) => this.#hear(message)));
    await this.refresh();
  }

  /** The time on the clock of Redis, by the loop's. */
  now(): number {
    return this.loop.now() + this.#ahead;
  }

  /** Throws when the store is closed. */
  assertOpen(): void {
    if (this.closed !== null) throw this.closed;
  }

  /** Asks Redis for an operation on jobs. */
  ask(op: readonly unknown[], more?: Omit<Operation, "op">): Promise<Answer> {
    this.assertOpen();
    return this.work.ask({ op, ...more });
  }

  /** Reserves what is ready. */
  async take({ tubes, max = 1 }: ReserveOptions): Promise<ReservedJob[]> {
    const weight = Math.min(max, MAX_TAKEN);
    const answer = await this.takes.ask({ op: ["reserve", tubes, weight], weight });
    return this.reservations(answer);
  }

  /** The reservations that an answer tells of, as far as they hold. */
  reservations({ jobs, lease, sentAt: since }: Answer): ReservedJob[] {
    const { loop } = this;
    return jobs.flatMap(({ meta, ...job }) => {
      // An answer that was given twice tells how they stand by then.
      const isHeld = meta !== null && (meta.s === undefined || meta.l === lease);
      return isHeld ? [new RedisReservation({ ...job, meta }, { lease, loop, since })] : [];
    });
  }

  /** Tells here how a job has ended. */
  settle(id: number, outcome: JobOutcome): void {
    this.board.settle(id, outcome);
  }

  /** Reads all counters, and sets the clock. */
  async refresh(): Promise<void> {
    const before = this.loop.now();
    const { result } = await this.ask(["refresh"]);
    this.#ahead = Number(result) - (before + this.loop.now()) / 2;
  }

  /** Closes at once. */
  close(): void {
    this.closed = new StoreError("Cannot use job store as it is closed", { code: "closed" });
    this.#stack.dispose();
    this.#due?.cancel();
    this.#refresh?.cancel();
    this.pushes.close(this.closed);
    this.work.close(this.closed);
    this.takes.close(this.closed);
    this.room.rejectAll(this.closed);
    this.board.close(this.closed);
    this.conditions.rejectAll(this.closed);
  }

  #take(header: Header): void {
    if (header.a) this.mirror.keepOnly(header.t);
    this.mirror.update(header.t, header.g);
    this.mirror.jobs = header.j;
    for (const member of listOf<string>(header.x)) {
      this.board.settle(Number(member), { state: "expired" });
    }
    for (const [member, reason] of listOf<[string, string]>(header.b)) {
      this.board.settle(Number(member), { state: "buried", reason });
    }
    for (const member of listOf<string>(header.k)) this.board.forget(Number(member));
    this.conditions.check();
    const ready = Object.entries(header.t).filter(([, counts]) =>
      counts && Number(counts.ready) > 0
    );
    if (ready.length > 0) this.room.wake(ready.map(([tube]) => tube));
    this.#arm(header.n);
  }

  /** Has what is due done in time, by whichever owner is the first. */
  #arm(at: number): void {
    this.#due?.cancel();
    if (at === 0) return;
    this.#due = this.loop.callAt(at - this.#ahead, () => this.#sweep());
  }

  async #sweep(): Promise<void> {
    try {
      await this.ask(["peek", memberOf(0)]);
    } catch {
      // Those who wait for answers are told; here it is only tried again.
      if (this.closed === null) this.#due = this.loop.callLater(RETRY_MS, () => this.#sweep());
    }
  }

  #hear(message: Uint8Array): void {
    const news = readNews(message);
    if (news === null || news.owner.startsWith(this.#owner)) return;
    if (news.kind === "settled") this.board.settle(news.id, news.outcome);
    else if (news.kind === "progress") this.board.progress(news.id, news.value);
    else {
      if (news.tubes.length > 0) this.room.wake(news.tubes);
      this.#lookSoon(NEWS_MS);
    }
  }

  /** Reads the counters that others have changed, not too often. */
  #lookSoon(delayMs: number): void {
    if (this.#refresh?.active) return;
    this.#refresh = this.loop.callLater(delayMs, async () => {
      try {
        await this.refresh();
        this.room.wake();
      } catch {
        // The next answer or connection brings them.
      }
    });
  }

  #undo(jobs: readonly ReservedJob[]): void {
    for (const { id, lease } of jobs) {
      // Otherwise the reservation runs out.
      if (this.closed === null) this.ask(["undo", memberOf(id), lease]).catch(() => undefined);
    }
  }
}

/** Lua writes an empty list as an empty object. */
function listOf<T>(list: T[] | Record<string, never>): T[] {
  return Array.isArray(list) ? list : [];
}
