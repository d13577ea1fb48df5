/** A program was called in a way it doesn't understand; it exits with 2. */
export class UsageError extends Error {
  /**
   * Makes the error.
   *
   * @param message What can't be done and why, in one line.
   */
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
