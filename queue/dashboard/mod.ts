/**
 * The dashboard of a job store, as a handler of HTTP requests.
 *
 * @module
 */
export { QueueDashboard, type QueueDashboardOptions } from "./queue_dashboard.ts";
