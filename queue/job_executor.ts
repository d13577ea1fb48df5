import type { JobBody } from "./job_body.ts";
import type { JobContext } from "./job_context.ts";
import { JobDataError } from "./job_data_error.ts";
import type { JobRegistry } from "./job_registry.ts";
import { UnknownJobError } from "./unknown_job_error.ts";

/** Runs the function of a job: in this process, or elsewhere. */
export interface JobExecutor {
  /**
   * Runs a job.
   *
   * @param body What the job is.
   * @param ctx What it knows and may do.
   * @returns What it returns, as JSON; `undefined` for nothing.
   * @throws Whatever the job throws.
   */
  run(body: JobBody, ctx: JobContext): Promise<string | undefined>;
  /**
   * Puts an end to a job that goes on although it was aborted.
   *
   * @param id The number of the job.
   * @returns Whether it could; then {@linkcode run} rejects.
   */
  kill?(id: number): boolean;
}

/** Runs jobs in this process, which can abort them, but not kill them. */
export class LocalExecutor implements JobExecutor {
  readonly #jobs: JobRegistry;

  /**
   * Makes an executor.
   *
   * @param jobs Where the jobs are defined.
   */
  constructor(jobs: JobRegistry) {
    this.#jobs = jobs;
  }

  /** Runs a job. */
  async run(body: JobBody, ctx: JobContext): Promise<string | undefined> {
    const job = this.#jobs.find(body.job);
    if (job === undefined) throw new UnknownJobError(body.job);
    const checked = this.#jobs.check(job, body.data);
    const result = await job.run(checked instanceof Promise ? await checked : checked, ctx);
    if (result === undefined) return undefined;
    try {
      return JSON.stringify(result);
    } catch (cause) {
      throw new JobDataError(body.job, { cause });
    }
  }
}
