/** Why a worker did not boot. */
export interface BootFailure {
  /** The number of the worker. */
  readonly worker: number;
  /** What went wrong, in one line. */
  readonly reason: string;
  /** Whether trying again is pointless, as the program itself is wrong. */
  readonly definite: boolean;
  /** The last lines that the worker printed. */
  readonly output: readonly string[];
}

/** No worker could be booted. */
export class BootError extends Error {
  /** What the last worker printed. */
  readonly output: readonly string[];

  /**
   * Makes the error.
   *
   * @param message What could not be done and why.
   * @param output What the last worker printed.
   */
  constructor(message: string, output: readonly string[]) {
    super(message);
    this.name = "BootError";
    this.output = output;
  }
}
