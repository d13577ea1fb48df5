const WHYS = {
  buried: "it was given up",
  deleted: "it was deleted",
  expired: "it waited longer than its ttlMs",
  unknown: "it has ended and its result was not kept",
};

/** There is no result of a job, and none is to come. */
export class JobFailedError extends Error {
  /** The number of the job. */
  readonly id: number;
  /**
   * What became of it: it was given up and `buried`, `deleted`, dropped as `expired`, or it has
   * ended and it is `unknown` how.
   */
  readonly state: "buried" | "deleted" | "expired" | "unknown";
  /** Why it was given up, if that was told. */
  readonly reason: string | undefined;

  /**
   * Makes the error.
   *
   * @param id The number of the job.
   * @param state What became of it.
   * @param reason Why it was given up.
   */
  constructor(id: number, state: JobFailedError["state"], reason?: string) {
    super(`Cannot give result of job ${id} as ${WHYS[state]}${reason ? `: ${reason}` : ""}`);
    this.name = "JobFailedError";
    this.id = id;
    this.state = state;
    this.reason = reason;
  }
}
