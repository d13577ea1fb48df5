import type { EventLoop } from "../../loop/mod.ts";
import type { JobStore } from "../job_store.ts";
import type { ReservedJob } from "../stored_job.ts";

/** A connection isn't made to wait for further jobs in the last second of one that it has. */
const SAFETY_MARGIN_MS = 1000;

/** The jobs that a connection has reserved. */
export class Reservations {
  readonly #loop: EventLoop;
  readonly #maxJobs: number;
  readonly #jobs = new Map<number, ReservedJob>();

  /**
   * @param loop The loop of the store.
   * @param maxJobs Most jobs that may be reserved.
   */
  constructor(loop: EventLoop, maxJobs: number) {
    this.#loop = loop;
    this.#maxJobs = maxJobs;
  }

  /** How many more jobs may be reserved. */
  room(): number {
    // Those whose time is over are forgotten.
    if (this.#jobs.size >= this.#maxJobs) this.marginAt();
    return this.#maxJobs - this.#jobs.size;
  }

  /** Takes a job in. */
  add(job: ReservedJob): void {
    this.#jobs.set(job.id, job);
  }

  /** The job of a number, if it is still reserved. */
  find(id: number): ReservedJob | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined || job.deadline > this.#loop.now()) return job;
    this.#jobs.delete(id);
    return undefined;
  }

  /** Forgets a job. */
  drop(id: number): void {
    this.#jobs.delete(id);
  }

  /**
   * When the safety margin of the first job begins; `Infinity` without jobs. Forgets those whose
   * time is over.
   */
  marginAt(): number {
    let first = Infinity;
    for (const [id, { deadline }] of this.#jobs) {
      if (deadline <= this.#loop.now()) this.#jobs.delete(id);
      else if (deadline < first) first = deadline;
    }
    return first - SAFETY_MARGIN_MS;
  }

  /** Gives all jobs back, as their connection has gone. */
  async releaseAll(store: JobStore): Promise<void> {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    await Promise.all(jobs.map((job) => store.release(job, { reason: "Its worker has left" })));
  }
}
