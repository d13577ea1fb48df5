/**
 * Metrics and traces of modstamp servers.
 *
 * @module
 */
export { gatewayMetrics } from "./gateway_metrics.ts";
export { modstampMetrics } from "./modstamp_metrics.ts";
export { observeStore, type ObserveStoreOptions } from "./observe_store.ts";
