import type { SchemaIssue } from "./standard_schema.ts";

/** The data of a job does not fit its schema, or can't be written as JSON. */
export class JobDataError extends TypeError {
  /** The name of the job. */
  readonly job: string;
  /** What the schema says. */
  readonly issues: readonly SchemaIssue[];

  /**
   * Makes the error.
   *
   * @param job The name of the job.
   * @param options What the schema says, or else the cause.
   */
  constructor(job: string, options: { issues?: readonly SchemaIssue[]; cause?: unknown }) {
    const { issues = [], cause } = options;
    const why = issues.length > 0
      ? `does not fit its schema: ${issues.map(describe).join("; ")}`
      : "can't be written as JSON";
    super(`Cannot use data of job ${job} as it ${why}`, { cause });
    this.name = "JobDataError";
    this.job = job;
    this.issues = issues;
  }
}

function describe({ message, path = [] }: SchemaIssue): string {
  const keys = path.map((part) => typeof part === "object" ? part.key : part);
  return keys.length === 0 ? message : `${keys.map(String).join(".")}: ${message}`;
}
