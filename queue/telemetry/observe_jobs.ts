import { type Clock, SystemClock } from "../../loop/mod.ts";
import {
  DURATION_BUCKETS,
  type Histogram,
  inSpan,
  intercept,
  LabelLimit,
  type Telemetry,
} from "../../telemetry/mod.ts";
import type { JobSink, JobSource } from "../job_store.ts";
import { DEFAULT_TUBE, type NewJob, type ReservedJob } from "../stored_job.ts";
import { withTraceparent } from "./trace_context.ts";

/** Options of {@linkcode observeJobs}. */
export interface ObserveJobsOptions {
  /** Where measurements go. */
  telemetry: Telemetry;
  /**
   * What durations are measured by.
   *
   * @default {the machine's clock}
   */
  clock?: Clock;
}

type JobsMethods = JobSource & Partial<JobSink>;

/**
 * Observes a store, or what else gives jobs out: how long it takes until pushed jobs are durable,
 * how long jobs wait, and how long workers have them. A push is a span, of which the job knows, so
 * that its run, wherever it is, becomes a part of the same trace.
 *
 * @param jobs What to observe.
 * @param options See {@linkcode ObserveJobsOptions}.
 * @returns What to use in its place.
 *
 * @example Measure pushes
 * ```ts
 * import { MemoryJobStore } from "@sluice/sluice/queue";
 * import { observeJobs, queueMetrics } from "@sluice/sluice/queue/telemetry";
 * import { PrometheusTelemetry } from "@sluice/sluice/telemetry";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const telemetry = await PrometheusTelemetry.open();
 * await using memory = new MemoryJobStore();
 * const store = observeJobs(memory, { telemetry });
 * telemetry.watch(queueMetrics(store));
 * await store.push({ body: new TextEncoder().encode('{"job":"hello"}'), tube: "mail" });
 * const text = await telemetry.text();
 * assertStringIncludes(text, 'sluice_queue_push_seconds_count{tube="mail"} 1');
 * assertStringIncludes(text, 'sluice_queue_jobs{tube="mail",state="ready"} 1');
 * ```
 */
export function observeJobs<Jobs extends JobSource>(jobs: Jobs, options: ObserveJobsOptions): Jobs {
  return intercept(jobs, new JobsObserver(jobs, options).methods() as Partial<Jobs>);
}

/** Reservations whose end is awaited at most, as some end without a word. */
const MAX_HELD = 100_000;

class JobsObserver {
  readonly #jobs: JobsMethods;
  readonly #telemetry: Telemetry;
  readonly #clock: Clock;
  readonly #pushes: Histogram;
  readonly #waits: Histogram;
  readonly #holds: Histogram;
  readonly #tubes = new LabelLimit();
  /** Since when jobs are held, by their ids. */
  readonly #since = new Map<number, number>();

  constructor(jobs: JobsMethods, { telemetry, clock = new SystemClock() }: ObserveJobsOptions) {
    this.#jobs = jobs;
    this.#telemetry = telemetry;
    this.#clock = clock;
    this.#pushes = telemetry.histogram({
      name: "sluice_queue_push_seconds",
      help: "Time until pushed jobs are durable, a call.",
      labels: ["tube"],
    });
    this.#waits = telemetry.histogram({
      name: "sluice_queue_wait_seconds",
      help: "Time from when a job could be reserved until it first was.",
      labels: ["tube"],
      buckets: DURATION_BUCKETS,
    });
    this.#holds = telemetry.histogram({
      name: "sluice_queue_run_seconds",
      help: "Time that a worker had a job, by what became of it.",
      labels: ["tube", "outcome"],
      buckets: DURATION_BUCKETS,
    });
  }

  methods(): Partial<JobsMethods> {
    const { push, pushMany } = this.#jobs;
    return {
      ...push && {
        push: (job, options) => this.#push([job], ([job]) => this.#jobs.push!(job!, options)),
      },
      ...pushMany && { pushMany: (jobs) => this.#push(jobs, (all) => this.#jobs.pushMany!(all)) },
      reserve: async (options) => {
        const jobs = await this.#jobs.reserve(options);
        if (jobs.length > 0) this.#begin(jobs);
        return jobs;
      },
      complete: (job, options) => this.#end(job, "completed", this.#jobs.complete(job, options)),
      release: (job, options) => this.#end(job, "released", this.#jobs.release(job, options)),
      bury: (job, options) => this.#end(job, "buried", this.#jobs.bury(job, options)),
    };
  }

  #push<Receipt>(
    jobs: readonly NewJob[],
    push: (jobs: readonly NewJob[]) => Promise<Receipt>,
  ): Promise<Receipt> {
    const tube = this.#tubes.label(jobs[0]?.tube ?? DEFAULT_TUBE);
    const start = this.#clock.monotonicMs();
    const pushing = this.#telemetry.traces ? this.#trace(jobs, push, tube) : push(jobs);
    // What was asked for is returned as it is: an await of its own would cost each job.
    pushing.then(
      () => this.#pushes.record((this.#clock.monotonicMs() - start) / 1000, { tube }),
      () => undefined,
    );
    return pushing;
  }

  async #trace<Receipt>(
    jobs: readonly NewJob[],
    push: (jobs: readonly NewJob[]) => Promise<Receipt>,
    tube: string,
  ): Promise<Receipt> {
    const attributes = {
      "messaging.destination.name": tube,
      "messaging.batch.message_count": jobs.length,
    };
    const span = this.#telemetry.span("queue push", { kind: "producer", attributes });
    const { traceparent } = span;
    const sent = traceparent === undefined
      ? jobs
      : jobs.map((job) => ({ ...job, body: withTraceparent(job.body, traceparent) }));
    return await inSpan(span, () => push(sent));
  }

  #begin(jobs: readonly ReservedJob[]): void {
    const now = this.#clock.monotonicMs();
    const wallNow = this.#clock.wallMs();
    for (const job of jobs) {
      if (this.#since.size >= MAX_HELD) this.#since.delete(this.#since.keys().next().value!);
      this.#since.set(job.id, now);
      if (job.attempts !== 1) continue;
      // Clocks of several machines may differ.
      const waitedMs = Math.max(0, wallNow - job.createdAt - job.delayMs);
      this.#waits.record(waitedMs / 1000, { tube: this.#tubes.label(job.tube) });
    }
  }

  #end(job: ReservedJob, outcome: string, ending: Promise<boolean>): Promise<boolean> {
    const since = this.#since.get(job.id);
    if (since === undefined) return ending;
    this.#since.delete(job.id);
    const elapsedMs = this.#clock.monotonicMs() - since;
    ending.then(
      (held) => {
        const labels = { tube: this.#tubes.label(job.tube), outcome };
        if (held) this.#holds.record(elapsedMs / 1000, labels);
      },
      () => undefined,
    );
    return ending;
  }
}
