/**
 * The dashboard of a modstamp server, as a handler of HTTP requests.
 *
 * @module
 */
export * from "../../dashboard/mod.ts";
export { ModstampDashboard, type ModstampDashboardOptions } from "./modstamp_dashboard.ts";
