import { ByteSlab } from "./byte_slab.ts";
import type { Job } from "./job.ts";
import { type JobBody, JobBodyDecoder, type JobBodyResult } from "./job_body.ts";
import type { JobContext } from "./job_context.ts";
import { JobDataError } from "./job_data_error.ts";
import type { JobClass, JobDefinition, JobEntries, JobFunction } from "./job_definition.ts";
import {
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_TIMEOUT_MS,
  type JobRunOptions,
  type PushOptions,
} from "./job_options.ts";
import type { StandardSchema } from "./standard_schema.ts";
import type { NewJob } from "./stored_job.ts";
import { leaseMs } from "./lease_time.ts";
import { UnknownJobError } from "./unknown_job_error.ts";

/** One job of a registry, however it was defined. */
export interface RegisteredJob extends Omit<JobDefinition, "run"> {
  /** The name of the job. */
  readonly name: string;
  /** Does a job with data that was checked. */
  readonly run: (data: unknown, ctx: JobContext) => unknown;
}

/**
 * Jobs by their names; made by {@linkcode defineJobs}.
 *
 * @typeParam Entries What was defined.
 */
export class JobRegistry<Entries extends JobEntries = JobEntries> {
  /** What was defined; for its types. */
  readonly entries: Entries;
  readonly #jobs = new Map<string, RegisteredJob>();
  readonly #names = new Map<unknown, string>();
  readonly #bodies: JobBodyDecoder;
  readonly #slab = new ByteSlab();

  /**
   * Makes a registry.
   *
   * @param entries The jobs by their names.
   * @throws {TypeError} When an entry defines no job.
   */
  constructor(entries: Entries) {
    this.entries = entries;
    const phpClasses: Record<string, string> = {};
    for (const [name, entry] of Object.entries(entries)) {
      const job = registered(name, entry);
      this.#jobs.set(name, job);
      if (isJobClass(entry)) this.#names.set(entry, name);
      phpClasses[job.phpClass ?? name] = name;
    }
    this.#bodies = new JobBodyDecoder(phpClasses);
  }

  /** The names of the jobs. */
  get names(): string[] {
    return [...this.#jobs.keys()];
  }

  /** The job of a name. */
  find(name: string): RegisteredJob | undefined {
    return this.#jobs.get(name);
  }

  /**
   * The name of the class that a job belongs to.
   *
   * @throws {UnknownJobError} When it is not defined here.
   */
  nameOf(job: Job<unknown, unknown>): string {
    const name = this.#names.get(job.constructor);
    if (name === undefined) throw new UnknownJobError(job.constructor.name);
    return name;
  }

  /** Reads the body of a stored job. */
  decode(body: Uint8Array): JobBodyResult {
    return this.#bodies.decode(body);
  }

  /**
   * Makes what is stored of a job, once its data is checked.
   *
   * @param name The name of the job.
   * @param data Its data.
   * @param options How it is to be run.
   * @returns What to store; at once where the schema answers at once.
   * @throws {UnknownJobError} When there is no job of this name.
   * @throws {JobDataError} When the data doesn't fit.
   */
  prepare(
    name: string,
    data: unknown,
    options: PushOptions & { readonly tube?: string } = {},
  ): NewJob | Promise<NewJob> {
    const job = this.#jobs.get(name);
    if (job === undefined) throw new UnknownJobError(name);
    const compose = (): NewJob => this.#compose(job, data, options);
    if (job.schema === undefined) return compose();
    const checked = check(job.name, job.schema, data);
    if (!(checked instanceof Promise)) return compose();
    return checked.then(compose);
  }

  /**
   * The data of a job as it is to be run: what the schema makes of what was stored.
   *
   * @throws {JobDataError} When the data doesn't fit.
   */
  check(job: RegisteredJob, data: unknown): unknown {
    return job.schema === undefined ? data : check(job.name, job.schema, data);
  }

  #compose(
    job: RegisteredJob,
    data: unknown,
    options: PushOptions & { readonly tube?: string },
  ): NewJob {
    const { maxAttempts, backoff, timeoutMs } = options;
    const parts: JobBody = { job: job.name, data, maxAttempts, backoff, timeoutMs };
    let body: Uint8Array;
    try {
      body = this.#slab.encode(JSON.stringify(parts));
    } catch (cause) {
      throw new JobDataError(job.name, { cause });
    }
    return {
      body,
      tube: options.tube,
      priority: options.priority ?? job.priority,
      delayMs: options.delayMs,
      ttrMs: leaseMs(timeoutMs ?? job.timeoutMs ?? DEFAULT_TIMEOUT_MS),
      maxAttempts: maxAttempts ?? job.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
      ttlMs: options.ttlMs,
      key: options.key,
      concurrencyKey: options.concurrencyKey,
      keepResultMs: options.keepResultMs,
    };
  }
}

/**
 * Defines jobs: functions, functions with options, or classes, by the names under which they are
 * stored. What arrives from elsewhere is looked up here, and never evaluated.
 *
 * @example Three ways to define a job
 * ```ts
 * import { defineJobs, Job } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * class Resize extends Job<{ url: string }> {
 *   run(): void {}
 * }
 * const jobs = defineJobs({
 *   hello: (name: string) => `Hello ${name}`,
 *   report: { run: (day: string) => day, maxAttempts: 3, timeoutMs: 5000 },
 *   Resize,
 * });
 * assertEquals(jobs.names, ["hello", "report", "Resize"]);
 * ```
 *
 * @param entries The jobs by their names.
 * @returns A registry for queues and workers.
 * @throws {TypeError} When an entry defines no job.
 */
export function defineJobs<const Entries extends JobEntries>(
  entries: Entries,
): JobRegistry<Entries> {
  return new JobRegistry(entries);
}

/**
 * Defines one job with a schema, so that its function is given the type of data that the schema
 * makes.
 *
 * @example A schema
 * ```ts
 * import { defineJob, defineJobs, type StandardSchema } from "@sluice/sluice/queue";
 * import { assertEquals } from "@std/assert";
 *
 * const positive: StandardSchema<number> = {
 *   "~standard": {
 *     version: 1,
 *     vendor: "example",
 *     validate: (n) =>
 *       typeof n === "number" && n > 0 ? { value: n } : { issues: [{ message: "not positive" }] },
 *   },
 * };
 * const jobs = defineJobs({ root: defineJob({ schema: positive, run: (n) => Math.sqrt(n) }) });
 * assertEquals(jobs.names, ["root"]);
 * ```
 *
 * @param definition The job.
 * @returns The same.
 */
export function defineJob<Input, Data, Result>(
  definition: JobRunOptions & {
    readonly schema: StandardSchema<Input, Data>;
    readonly run: (data: Data, ctx: JobContext) => Result;
    readonly phpClass?: string;
  },
): typeof definition {
  return definition;
}

/** Whether a value is a class of jobs. */
export function isJobClass(value: unknown): value is JobClass {
  // By its looks, as the class may extend another copy of this module's.
  return typeof value === "function" && typeof value.prototype?.run === "function";
}

function registered(name: string, entry: JobEntries[string]): RegisteredJob {
  if (isJobClass(entry)) {
    const Class = entry as unknown as new (data: unknown) => Job<unknown, unknown>;
    const { options, schema } = entry;
    return { ...options, schema, name, run: (data, ctx) => new Class(data).run(ctx) };
  }
  const definition: JobDefinition = typeof entry === "function"
    ? { run: entry as JobFunction }
    : entry as JobDefinition;
  if (typeof definition?.run !== "function") {
    throw new TypeError(`Cannot define job ${name} as it is no function, class or definition`);
  }
  const run = definition.run as (data: unknown, ctx: JobContext) => unknown;
  return { ...definition, name, run: (data, ctx) => run.call(definition, data, ctx) };
}

function check(name: string, schema: StandardSchema, data: unknown): unknown {
  const result = schema["~standard"].validate(data);
  if (result instanceof Promise) return result.then((late) => valueOf(name, late));
  return valueOf(name, result);
}

function valueOf(
  name: string,
  result: Awaited<ReturnType<StandardSchema["~standard"]["validate"]>>,
): unknown {
  if (result.issues !== undefined) throw new JobDataError(name, { issues: result.issues });
  return result.value;
}
