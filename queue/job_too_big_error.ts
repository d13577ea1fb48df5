/** A job could not be stored, as its body is larger than the store takes. */
export class JobTooBigError extends Error {
  /** The size of the body in bytes. */
  readonly size: number;
  /** The largest size that is taken. */
  readonly limit: number;

  /**
   * Makes the error.
   *
   * @param size The size of the body in bytes.
   * @param limit The largest size that is taken.
   */
  constructor(size: number, limit: number) {
    super(`Cannot push job as it is too big: ${size} bytes exceed the limit of ${limit}`);
    this.name = "JobTooBigError";
    this.size = size;
    this.limit = limit;
  }
}
