/** A job that ran in a process of its own has failed. */
export class JobProcessError extends Error {
  /**
   * What happened: the job has thrown something, the process has `ended` by itself, or it was
   * `killed` as the job did not heed its signal or the process gave no sign of life.
   */
  readonly how: "thrown" | "ended" | "killed";
  /** Whether another attempt is of no use. */
  readonly isHopeless: boolean;

  /**
   * Makes the error.
   *
   * @param message What happened.
   * @param options How; the name of what was thrown; whether another attempt is of no use.
   */
  constructor(
    message: string,
    options: { how: JobProcessError["how"]; name?: string; isHopeless?: boolean },
  ) {
    super(message);
    this.name = options.name ?? "JobProcessError";
    this.how = options.how;
    this.isHopeless = options.isHopeless ?? false;
  }
}
