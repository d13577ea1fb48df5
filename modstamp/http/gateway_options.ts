import type { EventLoop } from "../../loop/mod.ts";
import type { ModstampSource } from "../source.ts";

/** Options of {@linkcode ModstampGateway}. */
export interface ModstampGatewayOptions {
  /** Where values come from, and go to: a `ModstampServer`, or a `StoreSource`. */
  source: ModstampSource;
  /**
   * Where the gateway is: the path that all of its addresses begin with.
   *
   * @default {"/v1/modstamps"}
   */
  path?: string;
  /**
   * What a request to change a value must show as `authorization: Bearer TOKEN`.
   *
   * @default {none} Then nobody may change values, unless `writers` says so.
   */
  token?: string;
  /**
   * Who may change values: those who show the token, or everybody.
   *
   * @default {"token"}
   */
  writers?: "token" | "all";
  /**
   * The origins of other sites whose pages may use the gateway, such as `https://example.com`, or
   * `*` for all of them.
   *
   * @default {[]}
   */
  origins?: readonly string[] | "*";
  /**
   * Most streams at a time; further ones are answered with 503.
   *
   * @default {1000}
   */
  maxStreams?: number;
  /**
   * Most requests that wait for a change at a time; further ones are answered with 503.
   *
   * @default {1000}
   */
  maxPolls?: number;
  /**
   * Most changes under way at a time; further ones are answered with 503.
   *
   * @default {1000}
   */
  maxChanges?: number;
  /**
   * Most ids of a request, 1 to 1000.
   *
   * @default {100}
   */
  maxIds?: number;
  /**
   * How long a request waits for a change that names no `wait`, in milliseconds.
   *
   * @default {25_000}
   */
  waitMs?: number;
  /**
   * How long a request may wait for a change, in milliseconds.
   *
   * @default {60_000}
   */
  maxWaitMs?: number;
  /**
   * How often a silent stream is sent a comment, so that no proxy closes it, in milliseconds.
   *
   * @default {15_000}
   */
  heartbeatMs?: number;
  /**
   * How long a client may leave unread what it was sent, in milliseconds; then its stream is dropped:
   * it is told no more, and its place is free. This is looked at with each heartbeat. At most
   * `maxStreams` dropped clients may hold on to their connections; beyond them they keep their place.
   *
   * @default {30_000}
   */
  slowTimeoutMs?: number;
  /**
   * Told of what fails: a store that refuses changes, for example.
   *
   * @default {reportError}
   */
  onError?: (error: unknown) => void;
  /**
   * The loop whose clock and timers are used.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
}

/** The numbers among the options. */
export type GatewaySettings = Required<
  Pick<
    ModstampGatewayOptions,
    | "maxStreams"
    | "maxPolls"
    | "maxChanges"
    | "maxIds"
    | "waitMs"
    | "maxWaitMs"
    | "heartbeatMs"
    | "slowTimeoutMs"
  >
>;

const SETTINGS: Record<keyof GatewaySettings, [value: number, least: number, most: number]> = {
  maxStreams: [1000, 0, 1_000_000],
  maxPolls: [1000, 0, 1_000_000],
  maxChanges: [1000, 1, 100_000],
  maxIds: [100, 1, 1000],
  waitMs: [25_000, 0, 3_600_000],
  maxWaitMs: [60_000, 0, 3_600_000],
  heartbeatMs: [15_000, 10, 3_600_000],
  slowTimeoutMs: [30_000, 10, 3_600_000],
};

/**
 * Fills in the defaults and checks the ranges.
 *
 * @throws {RangeError} When a number is out of its range.
 */
export function settleGateway(options: ModstampGatewayOptions): GatewaySettings {
  const names = Object.keys(SETTINGS) as (keyof GatewaySettings)[];
  const entries = names.map((name) => {
    const [fallback, least, most] = SETTINGS[name];
    const value = options[name] ?? fallback;
    if (Number.isInteger(value) && value >= least && value <= most) return [name, value];
    throw new RangeError(
      `Cannot serve modstamps as ${name} must be an integer from ${least} to ${most}: received ${value}`,
    );
  });
  return Object.fromEntries(entries);
}
