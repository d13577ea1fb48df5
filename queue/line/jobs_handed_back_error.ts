/**
 * Jobs of a connection of the line protocol could not be stored: their sender was told, if it was
 * still there.
 */
export class JobsHandedBackError extends Error {
  /** How many jobs. */
  readonly count: number;
  /** Who had sent them. */
  readonly from: string;

  /**
   * Makes the error.
   *
   * @param count How many jobs.
   * @param options Who had sent them, and why they could not be stored.
   */
  constructor(count: number, options: { from: string; cause: unknown }) {
    const { from, cause } = options;
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot store ${count} jobs of ${from}, which were handed back: ${why}`, { cause });
    this.name = "JobsHandedBackError";
    this.count = count;
    this.from = from;
  }
}
