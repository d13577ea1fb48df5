/**
 * A connection to Redis that is kept, for those who want to use one. The client is loaded only
 * when a connection is opened.
 *
 * @module
 */
export { type RedisCallOptions, RedisConnection } from "./redis_connection.ts";
export type { RedisConnectionOptions } from "./redis_connection_options.ts";
export { RedisError, type RedisErrorCode } from "./redis_error.ts";
export type { RedisReply } from "./redis_reply.ts";
export { RedisScript, type RedisScriptCall } from "./redis_script.ts";
export { isRedisUrl, parseRedisUrl, type RedisAddress, type RedisTarget } from "./redis_url.ts";
