import { Dashboard, type DashboardOptions } from "../../dashboard/mod.ts";
import type { ModstampServer } from "../modstamp_server.ts";
import { ModstampSite } from "./modstamp_site.ts";

/** Options of {@linkcode ModstampDashboard}. */
export interface ModstampDashboardOptions extends DashboardOptions {
  /** The server to show. */
  server: ModstampServer;
}

/**
 * Shows people what a modstamp server holds: ids, their values and
 * subscribers, and what it has counted. There is nothing to order: values are
 * changed by clients, as the security profile allows.
 *
 * @example Mount it
 * ```ts
 * import { ModstampServer } from "@sluice/sluice/modstamp";
 * import { ModstampDashboard } from "@sluice/sluice/modstamp/dashboard";
 * import { assertStringIncludes } from "@std/assert";
 *
 * await using server = await ModstampServer.listen({ hostname: "127.0.0.1", port: 0 });
 * using dashboard = new ModstampDashboard({ server });
 * const response = await dashboard.fetch(new Request("http://localhost/dashboard"));
 * assertStringIncludes(await response.text(), "Modstamps");
 * ```
 */
export class ModstampDashboard extends Dashboard {
  /**
   * Makes a dashboard; disposing of it leaves the server as it is.
   *
   * @param options See {@linkcode ModstampDashboardOptions}.
   * @throws {RangeError} When `path` is no path, or `token` is empty.
   */
  constructor(options: ModstampDashboardOptions) {
    super(new ModstampSite(options.server), options);
  }
}
