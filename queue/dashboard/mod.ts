/**
 * The dashboard of a job store, as a handler of HTTP requests.
 *
 * @module
 */
export * from "../../dashboard/mod.ts";
export { QueueDashboard, type QueueDashboardOptions } from "./queue_dashboard.ts";
