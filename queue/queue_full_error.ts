/** A job could not be stored, as the store holds as many as it may. */
export class QueueFullError extends Error {
  /** The limit that was reached. */
  readonly limit: number;
  /** What the limit counts. */
  readonly unit: "jobs" | "bytes";

  /**
   * Makes the error.
   *
   * @param limit The limit that was reached.
   * @param unit What the limit counts: jobs in all, or bytes that are not yet durable.
   */
  constructor(limit: number, unit: "jobs" | "bytes") {
    super(`Cannot push job as the queue is full: the limit is ${limit} ${unit}`);
    this.name = "QueueFullError";
    this.limit = limit;
    this.unit = unit;
  }
}
