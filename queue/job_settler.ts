import type { EventLoop } from "../loop/mod.ts";
import { backoffMs } from "./backoff.ts";
import type { EventListeners } from "./event_listeners.ts";
import { JobDataError } from "./job_data_error.ts";
import { JobProcessError } from "./job_process_error.ts";
import { JobExhaustedError } from "./job_exhausted_error.ts";
import type { JobRegistry } from "./job_registry.ts";
import type { JobSource } from "./job_store.ts";
import type { RunningJob } from "./running_job.ts";
import { StoreError } from "./store_error.ts";
import type { JobWorkerEvents, JobWorkerStats } from "./worker_events.ts";

const RETRY_MS = 1000;
/** How often the source is told how a job ended, when that fails. */
const TELL_TRIES = 5;

/** What a settler works on. */
export interface SettlerParts {
  loop: EventLoop;
  source: JobSource;
  events: EventListeners<JobWorkerEvents>;
  counts: Pick<JobWorkerStats, "succeeded" | "failed">;
}

/** Tells the source of jobs, and those who listen, how jobs ended. */
export class JobSettler {
  readonly #jobs: JobRegistry;
  readonly #parts: SettlerParts;

  /**
   * @param jobs Where the jobs are defined.
   * @param parts See {@linkcode SettlerParts}.
   */
  constructor(jobs: JobRegistry, parts: SettlerParts) {
    this.#jobs = jobs;
    this.#parts = parts;
  }

  /** Ends a job that has returned, or does with it what it asked for. */
  async succeed(job: RunningJob, text: string | undefined): Promise<boolean> {
    const { loop, source, events, counts } = this.#parts;
    const { verdict, reserved } = job;
    if (verdict?.kind === "release") {
      return await this.#tell(() => source.release(reserved, verdict.options));
    }
    if (verdict?.kind === "bury") {
      return await this.#tell(() => source.bury(reserved, { reason: verdict.reason }));
    }
    const result = text === undefined ? undefined : new TextEncoder().encode(text);
    const held = await this.#tell(() => source.complete(reserved, { result }));
    counts.succeeded++;
    if (events.has("success")) {
      const durationMs = loop.now() - job.startedAt;
      const value = text === undefined ? undefined : JSON.parse(text);
      events.emit("success", { job, result: value, durationMs });
    }
    return held;
  }

  /** Gives a job that has failed back, or buries it. */
  async refuse(job: RunningJob, error: unknown): Promise<boolean> {
    const { loop, source, events, counts } = this.#parts;
    const { reserved, maxAttempts, attempt, body } = job;
    const reason = describe(error);
    const isHopeless = error instanceof JobDataError ||
      error instanceof JobProcessError && error.isHopeless ||
      error instanceof SyntaxError && body.job === "";
    counts.failed++;
    if (isHopeless || (maxAttempts > 0 && attempt >= maxAttempts)) {
      events.emit("exception", { job, error, delayMs: null });
      return await this.#tell(() => source.bury(reserved, { reason }));
    }
    const backoff = body.backoff ?? this.#jobs.find(body.job)?.backoff ?? {};
    const delayMs = typeof backoff === "number"
      ? backoff
      : backoffMs(backoff, attempt, loop.random);
    events.emit("exception", { job, error, delayMs });
    return await this.#tell(() => source.release(reserved, { delayMs, reason }));
  }

  /** Buries a job whose attempts were used up before. */
  async exhaust(job: RunningJob): Promise<boolean> {
    const { source, events, counts } = this.#parts;
    const reason = `Its ${job.maxAttempts} attempts are used up`;
    counts.failed++;
    events.emit("exception", { job, error: new JobExhaustedError(reason), delayMs: null });
    return await this.#tell(() => source.bury(job.reserved, { reason }));
  }

  /** Tells the source how a job ended, again when that fails. */
  async #tell(verb: () => Promise<boolean>): Promise<boolean> {
    for (let attempt = 1;; attempt++) {
      try {
        return await verb();
      } catch (error) {
        const isPassing = error instanceof StoreError && error.code === "failed";
        if (!isPassing || attempt === TELL_TRIES) throw error;
        await this.#parts.loop.sleep(RETRY_MS);
      }
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
