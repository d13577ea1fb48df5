/**
 * Pages about modstamps, as handlers of HTTP requests: the dashboard of a
 * server, and a page that watches ids live.
 *
 * @module
 */
export * from "../../dashboard/mod.ts";
export { ModstampDashboard, type ModstampDashboardOptions } from "./modstamp_dashboard.ts";
export { ModstampWatchPage, type ModstampWatchPageOptions } from "./watch_page.ts";
