import { createHash } from "node:crypto";

/**
 * A function in Lua that Redis runs as a whole, with nothing else in between.
 *
 * @example Add to a number, up to a limit
 * ```ts
 * import { RedisScript } from "@sluice/sluice/redis";
 * import { assertEquals } from "@std/assert";
 *
 * const script = new RedisScript(`
 *   local sum = tonumber(redis.call("GET", KEYS[1]) or 0) + ARGV[1]
 *   if sum > 10 then return redis.error_reply("LIMIT reached") end
 *   redis.call("SET", KEYS[1], sum)
 *   return sum
 * `);
 * assertEquals(script.sha1.length, 40);
 * ```
 */
export class RedisScript {
  /** The source. */
  readonly source: string;
  /** The name that Redis knows it by. */
  readonly sha1: string;

  /**
   * Describes a script.
   *
   * @param source Its source.
   */
  constructor(source: string) {
    this.source = source;
    this.sha1 = createHash("sha1").update(source).digest("hex");
  }
}

/** What a script is called with. */
export interface RedisScriptCall {
  /** The keys, as `KEYS`. */
  keys: readonly string[];
  /**
   * The other arguments, as `ARGV`.
   *
   * @default {none}
   */
  args?: readonly (string | Uint8Array)[];
}
