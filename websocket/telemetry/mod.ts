/**
 * Metrics and traces of WebSocket servers.
 *
 * @module
 */
export { observeApplication, type ObserveApplicationOptions } from "./observe_application.ts";
export { websocketMetrics } from "./websocket_metrics.ts";
