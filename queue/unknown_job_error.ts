/** A job is not defined. */
export class UnknownJobError extends TypeError {
  /** The name of the job. */
  readonly job: string;

  /**
   * Makes the error.
   *
   * @param job The name of the job.
   */
  constructor(job: string) {
    super(`Cannot use job ${job} as it is not defined`);
    this.name = "UnknownJobError";
    this.job = job;
  }
}
