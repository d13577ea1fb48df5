import type { EventLoop } from "../loop/mod.ts";
import type { RedisError } from "./redis_error.ts";

/** Options of {@linkcode RedisConnection.open}. */
export interface RedisConnectionOptions {
  /**
   * The loop whose clock and random source are used.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * After how long without an answer the connection is tried by a ping, in milliseconds.
   *
   * @default {20_000}
   */
  checkEveryMs?: number;
  /**
   * How long one attempt to connect may take, in milliseconds.
   *
   * @default {5000}
   */
  connectTimeoutMs?: number;
  /**
   * How long opening goes on trying while the server can't be reached, in milliseconds; 0 for one
   * attempt. A wrong password ends it at once.
   *
   * @default {0}
   */
  patienceMs?: number;
  /**
   * How long a call may take in all, the wait for a connection included, in milliseconds.
   *
   * @default {5000}
   */
  callTimeoutMs?: number;
  /**
   * Most calls that are under way or wait for a connection.
   *
   * @default {10_000}
   */
  maxCalls?: number;
  /**
   * The first pause between attempts to connect, in milliseconds; each is twice the one before,
   * less a random part of up to a half.
   *
   * @default {50}
   */
  minBackoffMs?: number;
  /**
   * The longest pause between attempts, in milliseconds.
   *
   * @default {2000}
   */
  maxBackoffMs?: number;
  /**
   * Told when the connection is lost, and of attempts that fail for another reason than the one
   * before.
   *
   * @default {tells nobody}
   */
  onTrouble?: (error: RedisError) => void;
  /**
   * Told when there is a connection again.
   *
   * @default {tells nobody}
   */
  onRecovery?: () => void;
}

/** {@linkcode RedisConnectionOptions} with all defaults. */
export type RedisConnectionSettings = Required<RedisConnectionOptions>;

/** Fills in the defaults and checks the ranges. */
export function settleRedisOptions(
  options: RedisConnectionOptions,
  loop: EventLoop,
): RedisConnectionSettings {
  const numbers = {
    checkEveryMs: 20_000,
    connectTimeoutMs: 5000,
    callTimeoutMs: 5000,
    maxCalls: 10_000,
    minBackoffMs: 50,
    maxBackoffMs: 2000,
  };
  for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) {
    const value = options[name] ?? numbers[name];
    if (!(value > 0)) throw new RangeError(`Cannot use ${value} as ${name}: it must be positive`);
    numbers[name] = value;
  }
  const { patienceMs = 0, onTrouble = () => undefined, onRecovery = () => undefined } = options;
  if (!(patienceMs >= 0)) throw new RangeError(`Cannot use ${patienceMs} as patienceMs`);
  return { loop, ...numbers, patienceMs, onTrouble, onRecovery };
}
