/**
 * The dashboard of a WebSocket server, as a handler of HTTP requests.
 *
 * @module
 */
export * from "../../dashboard/mod.ts";
export { WebSocketDashboard, type WebSocketDashboardOptions } from "./websocket_dashboard.ts";
