import { Cron } from "croner";
import { EventLoop, type Handle } from "../loop/mod.ts";
import type { JobEntries, JobInput } from "./job_definition.ts";
import type { PushOptions } from "./job_options.ts";
import type { JobQueue } from "./job_queue.ts";
import { reportTo } from "./report_to.ts";
import { StoreError } from "./store_error.ts";

/** The longest that a schedule sleeps, so that a change of the wall clock is noticed. */
const MAX_SLEEP_MS = 60_000;
const RETRY_MS = 1000;

/** Options of {@linkcode Scheduler}. */
export interface SchedulerOptions {
  /**
   * The loop whose clock the schedules live by.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * Told when a job could not be pushed. It is tried again until the next tick.
   *
   * @default {the onError of the loop}
   */
  onError?: (error: unknown) => void;
}

/** Options of a schedule. */
export interface ScheduleOptions<Data = unknown> extends PushOptions {
  /**
   * The data of each job.
   *
   * @default {none}
   */
  readonly data?: Data;
  /**
   * What tells the schedule from others: schedulers that use the same name on
   * one store push a tick once.
   *
   * @default {the job and its times}
   */
  readonly name?: string;
}

/** Options of {@linkcode Scheduler.cron}. */
export interface CronOptions<Data = unknown> extends ScheduleOptions<Data> {
  /**
   * The time zone of the expression, as `Europe/Vienna`.
   *
   * @default {"UTC"}
   */
  readonly timeZone?: string;
}

/** Tells when the tick after a time is; times in milliseconds since the Unix epoch. */
type NextTick = (after: number) => number | null;

/** A schedule that goes on until it is cancelled. */
export interface Schedule extends Disposable {
  /** What tells it from others. */
  readonly name: string;
  /** When its next job is pushed; `null` when there is none. */
  readonly nextAt: Date | null;
  /** Ends the schedule. */
  cancel(): void;
}

/**
 * Pushes jobs at set times. Several schedulers may have the same schedules on
 * one store: each tick is taken once. A tick that nobody was there for is left out.
 *
 * @example Every minute, and at nine on weekdays
 * ```ts
 * import { defineJobs, JobQueue, MemoryJobStore, Scheduler } from "@sluice/sluice/queue";
 * import { assert } from "@std/assert";
 *
 * const jobs = defineJobs({ cleanup: () => {}, report: (to: string) => to });
 * await using queue = new JobQueue(jobs, { store: new MemoryJobStore() });
 * using scheduler = new Scheduler(queue);
 * scheduler.every("cleanup", 60_000);
 * const daily = scheduler.cron("report", "0 9 * * 1-5", {
 *   timeZone: "Europe/Vienna",
 *   data: "boss@example.com",
 * });
 * assert(daily.nextAt! > new Date());
 * ```
 *
 * @typeParam Entries The jobs that there are.
 */
export class Scheduler<Entries extends JobEntries = JobEntries> implements Disposable {
  readonly #queue: JobQueue<Entries>;
  readonly #loop: EventLoop;
  readonly #onError: (error: unknown) => void;
  readonly #schedules = new Set<Schedule>();

  /**
   * Makes a scheduler without schedules.
   *
   * @param queue Where the jobs are pushed.
   * @param options See {@linkcode SchedulerOptions}.
   */
  constructor(queue: JobQueue<Entries>, options: SchedulerOptions = {}) {
    const { loop = EventLoop.default() } = options;
    this.#queue = queue;
    this.#loop = loop;
    this.#onError = options.onError ?? reportTo(loop);
  }

  /**
   * Pushes a job every so often, whenever the time since the Unix epoch is a multiple of it.
   *
   * @param job The name of the job.
   * @param periodMs How often, in milliseconds.
   * @param options See {@linkcode ScheduleOptions}.
   * @throws {RangeError} When `periodMs` is less than 1.
   */
  every<Name extends keyof Entries & string>(
    job: Name,
    periodMs: number,
    options: ScheduleOptions<JobInput<Entries[Name]>> = {},
  ): Schedule {
    if (!(periodMs >= 1)) {
      throw new RangeError(
        `Cannot schedule job ${job} every ${periodMs} ms: it must be at least 1`,
      );
    }
    const next: NextTick = (after) => (Math.floor(after / periodMs) + 1) * periodMs;
    return this.#add(job, { name: `${job} every ${periodMs}`, ...options }, next);
  }

  /**
   * Pushes a job at the times of a cron expression.
   *
   * @param job The name of the job.
   * @param expression Minute, hour, day of month, month and day of week; a sixth field in front is
   * the second.
   * @param options See {@linkcode CronOptions}.
   * @throws {SyntaxError} When the expression or the time zone can't be used.
   */
  cron<Name extends keyof Entries & string>(
    job: Name,
    expression: string,
    options: CronOptions<JobInput<Entries[Name]>> = {},
  ): Schedule {
    const { timeZone = "UTC", ...rest } = options;
    const cron = parse(expression, timeZone);
    const next: NextTick = (after) => cron.nextRun(new Date(after))?.getTime() ?? null;
    return this.#add(job, { name: `${job} at ${expression} ${timeZone}`, ...rest }, next);
  }

  /** Ends all schedules. */
  [Symbol.dispose](): void {
    for (const schedule of this.#schedules) schedule.cancel();
  }

  #add(
    job: string,
    options: ScheduleOptions & { readonly name: string },
    next: NextTick,
  ): Schedule {
    const { name, data, ...push } = options;
    const schedule = new RunningSchedule(name, {
      loop: this.#loop,
      next,
      push: async (tick) => {
        const newJob = await this.#queue.jobs.prepare(job, data, {
          ...push,
          tube: this.#queue.name,
        });
        await this.#queue.store.pushTick(name, tick, newJob);
      },
      onError: this.#onError,
      onEnd: (ended) => void this.#schedules.delete(ended),
    });
    this.#schedules.add(schedule);
    return schedule;
  }
}

/** What a schedule is made of. */
interface ScheduleParts {
  readonly loop: EventLoop;
  readonly next: NextTick;
  readonly push: (tick: number) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly onEnd: (schedule: Schedule) => void;
}

class RunningSchedule implements Schedule {
  readonly name: string;
  readonly #parts: ScheduleParts;
  #timer: Handle | null = null;
  #nextAt: number | null;
  #cancelled = false;

  constructor(name: string, parts: ScheduleParts) {
    this.name = name;
    this.#parts = parts;
    this.#nextAt = parts.next(parts.loop.wallNow());
    this.#sleep();
  }

  get nextAt(): Date | null {
    return this.#nextAt === null ? null : new Date(this.#nextAt);
  }

  cancel(): void {
    this.#cancelled = true;
    this.#nextAt = null;
    this.#timer?.cancel();
    this.#parts.onEnd(this);
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  #sleep(): void {
    if (this.#nextAt === null) return;
    const { loop } = this.#parts;
    const waitMs = Math.max(0, this.#nextAt - loop.wallNow());
    this.#timer = loop.callLater(Math.min(MAX_SLEEP_MS, waitMs), () => this.#look());
  }

  #look(): Promise<void> | void {
    const { loop, next } = this.#parts;
    const tick = this.#nextAt;
    const now = loop.wallNow();
    if (tick === null || now < tick) return this.#sleep();
    this.#nextAt = next(now);
    this.#sleep();
    return this.#push(tick);
  }

  async #push(tick: number): Promise<void> {
    const { loop, push, onError } = this.#parts;
    for (;;) {
      try {
        return await push(tick);
      } catch (error) {
        onError(error);
        const isPassing = error instanceof StoreError && error.code === "failed";
        if (!isPassing) return;
      }
      await loop.sleep(RETRY_MS);
      if (this.#cancelled || (this.#nextAt ?? Infinity) <= loop.wallNow()) return;
    }
  }
}

function parse(expression: string, timezone: string): Cron {
  try {
    const cron = new Cron(expression, { timezone, paused: true });
    cron.nextRun();
    return cron;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SyntaxError(`Cannot schedule by ${expression} in ${timezone}: ${why}`, { cause });
  }
}
