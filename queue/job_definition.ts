import type { Job } from "./job.ts";
import type { JobContext } from "./job_context.ts";
import type { JobRunOptions } from "./job_options.ts";
import type { StandardSchema } from "./standard_schema.ts";

/** A function that does jobs. */
export type JobFunction = (data: never, ctx: JobContext) => unknown;

/** A class of jobs. */
export interface JobClass {
  /** Makes a job of some data. */
  new (data: never): Job<unknown, unknown>;
  /** The name of the class. */
  readonly name: string;
  /** How jobs of the class are run. */
  readonly options?: JobRunOptions;
  /** What the data is checked against. */
  readonly schema?: StandardSchema;
}

/** A function that does jobs, and what goes with it. */
export interface JobDefinition extends JobRunOptions {
  /** Does a job. */
  readonly run: JobFunction;
  /** What the data is checked against. */
  // deno-lint-ignore no-explicit-any -- the types of a schema are neither co- nor contravariant
  readonly schema?: StandardSchema<any, any>;
  /**
   * The class under which PHP programs send the job.
   *
   * @default {the name of the job}
   */
  readonly phpClass?: string;
}

/** All the ways to define a job. */
export type JobEntry = JobFunction | JobDefinition | JobClass;

/** Jobs by their names. */
export type JobEntries = Readonly<Record<string, JobEntry>>;

/** The data that a function takes. */
export type FunctionData<Run> = Run extends () => unknown ? undefined
  : Run extends (data: infer Data, ctx: JobContext) => unknown ? Data
  : never;

/** The data that a job is pushed with. */
export type JobInput<Entry> = Entry extends
  { readonly schema: StandardSchema<infer Input, infer _> }
  ? Entry extends JobClass ? ClassData<Entry> : Input
  : Entry extends JobClass ? ClassData<Entry>
  : Entry extends { readonly run: infer Run } ? FunctionData<Run>
  : FunctionData<Entry>;

/** The data that a class of jobs takes. */
export type ClassData<Entry extends JobClass> = Entry extends new (data: infer Data) => unknown
  ? Data
  : never;

/** What a job returns. */
export type JobResult<Entry> = Entry extends JobClass
  ? Awaited<ReturnType<InstanceType<Entry>["run"]>>
  : Entry extends { readonly run: (data: never, ctx: JobContext) => infer Result } ? Awaited<Result>
  : Entry extends (data: never, ctx: JobContext) => infer Result ? Awaited<Result>
  : never;

/** The data and options that `push` takes for a job: the data may be left out where it may be undefined. */
export type PushArguments<Entry, Options> = undefined extends JobInput<Entry>
  ? [data?: JobInput<Entry>, options?: Options]
  : [data: JobInput<Entry>, options?: Options];
