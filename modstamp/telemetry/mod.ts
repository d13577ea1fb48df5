/**
 * Metrics and traces of modstamp servers.
 *
 * @module
 */
export { modstampMetrics } from "./modstamp_metrics.ts";
export { observeStore, type ObserveStoreOptions } from "./observe_store.ts";
