import type { JobEntries } from "./job_definition.ts";
import { isJobClass, JobRegistry } from "./job_registry.ts";

/** A module defines no jobs. */
export class JobsModuleError extends TypeError {
  /** The module. */
  readonly url: string;

  /**
   * Makes the error.
   *
   * @param url The module.
   * @param why Why it can't be used.
   */
  constructor(url: string, why: string) {
    super(`Cannot use jobs of ${url} as ${why}`);
    this.name = "JobsModuleError";
    this.url = url;
  }
}

/**
 * The jobs that a module defines: its default export, made by `defineJobs`, or
 * the classes of jobs among its exports, by their names.
 *
 * @param url The module, for messages.
 * @param exported What it exports.
 * @throws {JobsModuleError} When it defines none.
 */
export function jobsOf(url: string, exported: Readonly<Record<string, unknown>>): JobRegistry {
  const { default: main } = exported;
  if (main instanceof JobRegistry) return main;
  const classes = Object.entries(exported).flatMap(([name, value]) => {
    if (!isJobClass(value)) return [];
    return [[name === "default" ? value.name : name, value] as const];
  });
  if (classes.length > 0) return new JobRegistry(Object.fromEntries(classes));
  // Made by another copy of this module.
  const entries = (main as { entries?: JobEntries } | undefined)?.entries;
  if (typeof entries === "object" && entries !== null) return new JobRegistry(entries);
  throw new JobsModuleError(
    url,
    "it exports no class of jobs, and by default nothing of defineJobs",
  );
}
