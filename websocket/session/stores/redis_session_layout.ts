/**
 * Whose sessions they are: `connect-redis` of express, Symfony's `symfony` RedisSessionHandler,
 * `snc` of SncRedisBundle since 2.0, or `phpredis`, which is PHP's own handler of that extension.
 */
export type RedisSessionLayout = "connect-redis" | "symfony" | "snc" | "phpredis";

/** The names of keys. */
export interface RedisSessionNames {
  /** What stands before the id. */
  readonly prefix: string;
  /** What stands after the key of a session in that of its lock; empty when there are no locks. */
  readonly lockSuffix: string;
}

/** What the web applications call their keys. */
export const REDIS_SESSION_LAYOUTS: Readonly<Record<RedisSessionLayout, RedisSessionNames>> = {
  "connect-redis": { prefix: "sess:", lockSuffix: "" },
  symfony: { prefix: "sf_s", lockSuffix: "" },
  snc: { prefix: "session", lockSuffix: ".lock" },
  phpredis: { prefix: "PHPREDIS_SESSION:", lockSuffix: "_LOCK" },
};
