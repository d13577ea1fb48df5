import { Dashboard, type DashboardOptions } from "../../dashboard/mod.ts";
import type { ReloadResult } from "../_worker_pool.ts";
import type { SupervisorStatus } from "../supervisor_status.ts";
import { SupervisorSite } from "./supervisor_site.ts";

/** What the dashboard asks of a supervisor. */
export interface Supervised {
  /** How it is doing. */
  status(): SupervisorStatus;
  /** Replaces all workers. */
  reload(): Promise<ReloadResult>;
  /** Has another number of workers. */
  scale(workers: number): void;
}

/** Options of {@linkcode SupervisorDashboard}. */
export interface SupervisorDashboardOptions extends DashboardOptions {
  /** Whom to show. */
  supervisor: Supervised;
}

/**
 * Shows people how a supervisor and its workers are doing. Who knows the token
 * can reload, and have more or fewer workers.
 *
 * @example Mount it
 * ```ts
 * import { Supervisor } from "@sluice/sluice/prefork";
 * import { SupervisorDashboard } from "@sluice/sluice/prefork/dashboard";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const supervisor = new Supervisor({ entry: "app.ts", workers: 2 });
 * using dashboard = new SupervisorDashboard({ supervisor });
 * const response = await dashboard.fetch(new Request("http://localhost/dashboard"));
 * assertStringIncludes(await response.text(), "Workers");
 * ```
 */
export class SupervisorDashboard extends Dashboard {
  /**
   * Makes a dashboard; disposing of it leaves the supervisor as it is.
   *
   * @param options See {@linkcode SupervisorDashboardOptions}.
   * @throws {RangeError} When `path` is no path, or `token` is empty.
   */
  constructor(options: SupervisorDashboardOptions) {
    super(new SupervisorSite(options.supervisor), options);
  }
}
