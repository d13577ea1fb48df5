/**
 * Metrics of supervisors.
 *
 * @module
 */
export { supervisorMetrics } from "./supervisor_metrics.ts";
