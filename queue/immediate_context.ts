import type { JobContext } from "./job_context.ts";

/** What a job knows and may do that is run within `push`. */
export class ImmediateContext implements JobContext {
  readonly id: number;
  readonly name: string;
  readonly attempt = 1;
  readonly maxAttempts = 1;
  readonly signal: AbortSignal = new AbortController().signal;
  /** Why the job asked to be given up or run again, if it did. */
  refusal: string | undefined;

  /**
   * @param id The number of the job.
   * @param name Its name.
   */
  constructor(id: number, name: string) {
    this.id = id;
    this.name = name;
  }

  progress(): void {}

  touch(): void {}

  release(options: { reason?: string } = {}): void {
    this.refusal = options.reason ?? "It was released";
  }

  bury(reason = "It was buried"): void {
    this.refusal = reason;
  }
}
