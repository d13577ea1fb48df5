import { readJobRequest } from "../job_request.ts";
import type { NewJob } from "../stored_job.ts";
import { RequestError } from "./request_error.ts";

/**
 * Reads what a request wants to be stored.
 *
 * @param value Its JSON: a job or an array of them.
 * @param maxJobs Most of them.
 * @returns The jobs.
 * @throws {RequestError} When one is none, or there are too many.
 */
export function readJobs(value: unknown, maxJobs: number): NewJob[] {
  const values = Array.isArray(value) ? value : [value];
  if (values.length > maxJobs) {
    throw new RequestError(`Cannot take more than ${maxJobs} jobs`, { status: 413 });
  }
  return values.map((each) => {
    const result = readJobRequest(each);
    if (!result.ok) throw new RequestError(result.reason, { status: 400 });
    return result.job;
  });
}
