/** A job was given out again although its attempts were used up, as its workers died of it. */
export class JobExhaustedError extends Error {
  /**
   * Makes the error.
   *
   * @param message What happened.
   */
  constructor(message: string) {
    super(message);
    this.name = "JobExhaustedError";
  }
}
