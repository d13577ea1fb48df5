import type { JobContext } from "./job_context.ts";
import type { JobRunOptions } from "./job_options.ts";
import type { StandardSchema } from "./standard_schema.ts";

/**
 * A job as a class: its data, and what to do with it. Jobs travel as their name
 * and data; what arrives under a name is run by the class that is defined for it.
 *
 * @example A class of jobs
 * ```ts
 * import { defineJobs, Job, type JobContext, JobQueue, MemoryJobStore } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * class Square extends Job<{ n: number }, number> {
 *   run({ attempt }: JobContext): number {
 *     return attempt * this.data.n ** 2;
 *   }
 * }
 * await using queue = new JobQueue(defineJobs({ Square }), { store: new MemoryJobStore() });
 * queue.work();
 * const job = await queue.push(new Square({ n: 4 }));
 * assertEquals(await job.result(), 16);
 * ```
 */
export abstract class Job<Data = undefined, Result = void> {
  /** How jobs of the class are run, unless they are pushed with other options. */
  static readonly options?: JobRunOptions;
  /** What the data is checked against, when a job is pushed and again before it is run. */
  static readonly schema?: StandardSchema;
  /** The data; whatever JSON can hold. */
  readonly data: Data;

  /**
   * Makes a job that is not pushed yet.
   *
   * @param data Its data.
   */
  constructor(data: Data) {
    this.data = data;
  }

  /**
   * Does the job.
   *
   * @param ctx What the job knows and may do.
   * @returns The result; whatever JSON can hold.
   */
  abstract run(ctx: JobContext): Result | Promise<Result>;
}
