/**
 * Modstamps over HTTP: a handler of requests for browsers, with long polling and
 * server-sent events.
 *
 * @module
 */
export { ModstampGateway } from "./modstamp_gateway.ts";
export type { ModstampGatewayOptions } from "./gateway_options.ts";
export type { GatewayStats } from "./gateway_stats.ts";
