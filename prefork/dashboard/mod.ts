/**
 * The dashboard of a supervisor, as a handler of HTTP requests.
 *
 * @module
 */
export * from "../../dashboard/mod.ts";
export {
  type Supervised,
  SupervisorDashboard,
  type SupervisorDashboardOptions,
} from "./supervisor_dashboard.ts";
