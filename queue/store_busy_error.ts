/** A store could not be opened, as somebody else owns its jobs. */
export class StoreBusyError extends Error {
  /** The process that owns them, as its system numbers it. */
  readonly pid: number;
  /** The machine that it runs on. */
  readonly host: string;
  /** Since when it owns them. */
  readonly since: Date;

  /**
   * Makes the error.
   *
   * @param holder Who owns the jobs; `since` in milliseconds since the Unix epoch.
   */
  constructor(holder: { readonly pid: number; readonly host: string; readonly since: number }) {
    const since = new Date(holder.since);
    super(
      `Cannot open job store as process ${holder.pid} on ${holder.host} ` +
        `has owned it since ${since.toISOString()}`,
    );
    this.name = "StoreBusyError";
    this.pid = holder.pid;
    this.host = holder.host;
    this.since = since;
  }
}
