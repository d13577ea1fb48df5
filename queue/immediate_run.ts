import { ImmediateContext } from "./immediate_context.ts";
import { JobFailedError } from "./job_failed_error.ts";
import { JobHandle } from "./job_handle.ts";
import type { JobRegistry } from "./job_registry.ts";
import type { JobOutcome } from "./stored_job.ts";

/**
 * Runs a job here and now. Its data is checked and written as if it were
 * stored, so that a test finds what would fail then.
 *
 * @param jobs Where the job is defined.
 * @param job Its number, name and data.
 * @returns A handle that knows the result.
 * @throws Whatever the job throws.
 */
export async function runImmediately<Result>(
  jobs: JobRegistry,
  job: { id: number; name: string; data: unknown },
): Promise<JobHandle<Result>> {
  const { id, name } = job;
  const { body } = await jobs.prepare(name, job.data);
  const decoded = jobs.decode(body);
  const data = decoded.ok ? decoded.body.data : job.data;
  const registered = jobs.find(name)!;
  const ctx = new ImmediateContext(id, name);
  const value = await registered.run(await jobs.check(registered, data), ctx);
  if (ctx.refusal !== undefined) throw new JobFailedError(id, "buried", ctx.refusal);
  const text = JSON.stringify(value);
  const result = text === undefined ? undefined : new TextEncoder().encode(text);
  const outcome: JobOutcome = { state: "completed", result };
  const ended = {
    observe: () => ({ [Symbol.dispose]() {} }),
    outcome: () => Promise.resolve(outcome),
    peek: () => Promise.resolve(null),
    delete: () => Promise.resolve(false),
  };
  return new JobHandle(ended, { id, name, duplicate: false });
}
