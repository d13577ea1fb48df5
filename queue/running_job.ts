import type { EventLoop, Handle } from "../loop/mod.ts";
import type { JobBody } from "./job_body.ts";
import type { JobContext } from "./job_context.ts";
import type { JobSource, ReleaseOptions } from "./job_store.ts";
import type { ReservedJob } from "./stored_job.ts";
import type { WorkedJob } from "./worker_events.ts";

/** What a job asked for, instead of being ended. */
export type Verdict =
  | { readonly kind: "release"; readonly options: ReleaseOptions }
  | { readonly kind: "bury"; readonly reason: string | undefined };

/** What happens to a running job while time goes by. */
export interface RunningJobHost {
  readonly loop: EventLoop;
  readonly source: JobSource;
  /** The time of the job is over. */
  onTimeout(job: RunningJob): void;
  /** The job was aborted a while ago, and goes on. */
  onGrace(job: RunningJob): void;
  /** What the source was told has failed. */
  onError(error: unknown): void;
}

/** How long a job may go on after it was aborted. */
const GRACE_MS = 5000;

/** A job that a worker runs: its context, and its clock. */
export class RunningJob implements JobContext, WorkedJob {
  readonly #host: RunningJobHost;
  readonly reserved: ReservedJob;
  readonly body: JobBody;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  startedAt: number;
  #endsAt: number;
  #abortedAt = Infinity;
  #renewAt: number;
  #timer: Handle | null = null;
  #controller: AbortController | null = null;
  /** What the job asked for, if it did. */
  verdict: Verdict | null = null;
  /** Whether nobody waits for the job any more. */
  over = false;

  /**
   * @param host Whom to tell.
   * @param reserved The job.
   * @param limits Its body, and the limits that come from there or from its definition.
   */
  constructor(
    host: RunningJobHost,
    reserved: ReservedJob,
    limits: { body: JobBody; maxAttempts: number; timeoutMs: number },
  ) {
    this.#host = host;
    this.reserved = reserved;
    this.body = limits.body;
    this.maxAttempts = limits.maxAttempts;
    this.timeoutMs = limits.timeoutMs;
    this.startedAt = host.loop.now();
    this.#endsAt = this.#timeLimit();
    this.#renewAt = reserved.deadline - reserved.ttrMs / 2;
    this.#arm();
  }

  get id(): number {
    return this.reserved.id;
  }

  get name(): string {
    return this.body.job;
  }

  get tube(): string {
    return this.reserved.tube;
  }

  get attempt(): number {
    return this.reserved.attempts;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  progress(value: unknown): void {
    const bytes = new TextEncoder().encode(JSON.stringify(value) ?? "null");
    this.#tell(this.#host.source.progress(this.reserved, bytes));
  }

  touch(): void {
    if (this.over || this.#abortedAt !== Infinity) return;
    this.#endsAt = this.#timeLimit();
    this.#renew();
  }

  release(options: ReleaseOptions = {}): void {
    this.verdict = { kind: "release", options };
  }

  bury(reason?: string): void {
    this.verdict = { kind: "bury", reason };
  }

  /** Aborts the signal of the job, and gives it some time to end. */
  abort(reason: unknown): void {
    if (this.over || this.#abortedAt !== Infinity) return;
    this.#abortedAt = this.#host.loop.now();
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
    this.#arm();
  }

  /** Stops the clock: the job has ended, or nobody waits for it any more. */
  end(): void {
    this.over = true;
    this.#timer?.cancel();
  }

  #timeLimit(): number {
    return this.timeoutMs > 0 ? this.#host.loop.now() + this.timeoutMs : Infinity;
  }

  #arm(): void {
    this.#timer?.cancel();
    const end = this.#abortedAt === Infinity ? this.#endsAt : this.#abortedAt + GRACE_MS;
    const at = Math.min(end, this.#renewAt);
    this.#timer = this.#host.loop.callAt(at, () => this.#look());
  }

  #look(): void {
    if (this.over) return;
    const now = this.#host.loop.now();
    if (this.#abortedAt + GRACE_MS <= now) return this.#host.onGrace(this);
    if (this.#abortedAt === Infinity && this.#endsAt <= now) {
      return this.#host.onTimeout(this);
    }
    if (this.#renewAt <= now) this.#renew();
    else this.#arm();
  }

  /** Renews the reservation, again and again while half of it passes. */
  #renew(): void {
    const { loop, source } = this.#host;
    this.#renewAt = loop.now() + this.reserved.ttrMs / 2;
    this.#arm();
    const touched = source.touch(this.reserved).then((held) => {
      if (!held) this.#renewAt = Infinity;
    });
    this.#tell(touched);
  }

  #tell(told: Promise<unknown>): void {
    told.catch((error) => this.#host.onError(error));
  }
}
