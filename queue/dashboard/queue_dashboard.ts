import { Dashboard, type DashboardOptions } from "../../dashboard/mod.ts";
import type { JobStore } from "../job_store.ts";
import { QueueSite } from "./queue_site.ts";

/** Options of {@linkcode QueueDashboard}. */
export interface QueueDashboardOptions extends DashboardOptions {
  /** Keeps the jobs. */
  store: JobStore;
}

/**
 * Shows people what a store holds: queues, their rates, jobs and what has
 * become of them. Who knows the token can kick, retry, delete and pause.
 *
 * @example Mount it
 * ```ts
 * import { MemoryJobStore } from "@sluice/sluice/queue";
 * import { QueueDashboard } from "@sluice/sluice/queue/dashboard";
 * import { assertStringIncludes } from "@std/assert";
 *
 * await using store = new MemoryJobStore();
 * await store.push({ body: new TextEncoder().encode("{}"), tube: "mail" });
 * using dashboard = new QueueDashboard({ store });
 * const response = await dashboard.fetch(new Request("http://localhost/dashboard"));
 * assertStringIncludes(await response.text(), "mail");
 * ```
 */
export class QueueDashboard extends Dashboard {
  /**
   * Makes a dashboard; disposing of it leaves the store open.
   *
   * @param options See {@linkcode QueueDashboardOptions}.
   * @throws {RangeError} When `path` is no path, or `token` is empty.
   */
  constructor(options: QueueDashboardOptions) {
    super(new QueueSite(options.store), options);
  }
}
