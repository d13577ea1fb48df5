import type { EventLoop } from "../loop/mod.ts";
import type { SecurityProfile } from "./security_profile.ts";
import type { ModstampStore } from "./store.ts";

/** Options of `ModstampServer.listen`. */
export interface ModstampServerOptions {
  /**
   * The loop to run on.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * Where the values are kept; not closed with the server.
   *
   * @default {a MemoryModstampStore}
   */
  store?: ModstampStore;
  /**
   * Who may do what.
   *
   * @default {SecurityProfile.default()}
   */
  profile?: SecurityProfile;
  /**
   * Called with what goes wrong in the background, such as a failing store.
   *
   * @default {reportError}
   */
  onError?: (error: unknown) => void;
  /**
   * Whether several processes may share the port.
   *
   * @default {false}
   */
  reusePort?: boolean;
  /**
   * The interface to bind.
   *
   * @default {"::"} All interfaces, IPv6 and IPv4.
   */
  hostname?: string;
  /**
   * The port to bind; 0 lets the system choose.
   *
   * @default {1415}
   */
  port?: number;
  /**
   * Most bytes of a packet the server sends; 800 to 65,507.
   *
   * @default {1300}
   */
  packetBytes?: number;
  /**
   * How often each signal is sent.
   *
   * @default {1}
   */
  broadcastRepeat?: number;
  /**
   * How long after a signal it is repeated.
   *
   * @default {100}
   */
  repeatDelayMs?: number;
  /**
   * How long a subscription lasts after its last query.
   *
   * @default {300_000}
   */
  subscriptionTtlMs?: number;
  /**
   * Most subscriptions; further queries are answered, but not subscribed.
   *
   * @default {1_000_000}
   */
  maxSubscriptions?: number;
  /**
   * Most subscriptions of one peer (address and port).
   *
   * @default {1000}
   */
  maxSubscriptionsPerPeer?: number;
  /**
   * Most ids with a value or a subscriber.
   *
   * @default {1_048_576}
   */
  maxIds?: number;
  /**
   * Most peers remembered.
   *
   * @default {1_048_576}
   */
  maxPeers?: number;
  /**
   * Most packets a second from a peer that may not change values and is not
   * authenticated; a packet of more than 2048 bytes counts as several.
   *
   * @default {500}
   */
  maxPacketsPerSecond?: number;
  /**
   * Most bytes a second to a peer that may not change values and is not
   * authenticated; what a forged address and port can be made to receive, after
   * a burst of one second's worth.
   *
   * @default {131_072}
   */
  maxBytesPerSecond?: number;
  /**
   * Most bytes a second to all such peers of one IPv4 address or IPv6 network
   * (/64) together; what forged ports of one host can be made to receive, after
   * a burst of one second's worth.
   *
   * @default {1_048_576}
   */
  maxBytesPerSecondPerHost?: number;
}

/** The numbers among the options, checked and with their defaults. */
export type ServerSettings = Required<
  Omit<ModstampServerOptions, "loop" | "store" | "profile" | "onError" | "reusePort" | "hostname">
>;

const DEFAULTS: ServerSettings = {
  port: 1415,
  packetBytes: 1300,
  broadcastRepeat: 1,
  repeatDelayMs: 100,
  subscriptionTtlMs: 300_000,
  maxSubscriptions: 1_000_000,
  maxSubscriptionsPerPeer: 1000,
  maxIds: 1_048_576,
  maxPeers: 1_048_576,
  maxPacketsPerSecond: 500,
  maxBytesPerSecond: 131_072,
  maxBytesPerSecondPerHost: 1_048_576,
};

const RANGES: Record<keyof ServerSettings, [least: number, most: number]> = {
  port: [0, 65_535],
  packetBytes: [800, 65_507],
  broadcastRepeat: [1, 100],
  repeatDelayMs: [1, 60_000],
  subscriptionTtlMs: [1000, 86_400_000],
  maxSubscriptions: [0, 100_000_000],
  maxSubscriptionsPerPeer: [0, 100_000_000],
  maxIds: [1, 10_000_000],
  maxPeers: [1, 10_000_000],
  maxPacketsPerSecond: [1, 1e9],
  maxBytesPerSecond: [2048, 1e9],
  maxBytesPerSecondPerHost: [2048, 1e9],
};

/** A bucket of bytes that no packet fits into would let nothing pass. */
function rangeOf(
  name: keyof ServerSettings,
  { packetBytes }: ServerSettings,
): [least: number, most: number] {
  const [least, most] = RANGES[name];
  return [name.startsWith("maxBytes") ? Math.max(least, packetBytes) : least, most];
}

/**
 * Fills in the defaults and checks the ranges.
 *
 * @throws {RangeError} When a number is out of its range.
 */
export function settle(options: ModstampServerOptions): ServerSettings {
  const settings = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof ServerSettings)[]) {
    const value = options[name] ?? DEFAULTS[name];
    const [least, most] = rangeOf(name, settings);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new RangeError(
        `Cannot serve modstamps as ${name} must be an integer from ${least} to ${most}: received ${value}`,
      );
    }
    settings[name] = value;
  }
  return settings;
}
