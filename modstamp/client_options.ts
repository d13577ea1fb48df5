import type { EventLoop } from "../loop/mod.ts";
import type { SecurityProfile } from "./security_profile.ts";
import type { ValueStrategy } from "./value_strategy.ts";

/** Options of `ModstampClient`. */
export interface ModstampClientOptions {
  /** The server's host, a name or an IP address. */
  hostname: string;
  /**
   * The server's port.
   *
   * @default {1415}
   */
  port?: number;
  /**
   * The loop to run on.
   *
   * @default {EventLoop.default()}
   */
  loop?: EventLoop;
  /**
   * How packets are protected: by the first entry whose hosts contain the server.
   *
   * @default {plain}
   */
  profile?: SecurityProfile;
  /**
   * Most bytes of a packet the client sends; at least 800.
   *
   * @default {1300}
   */
  packetBytes?: number;
  /**
   * Called when the socket is lost.
   *
   * @default {reportError}
   */
  onError?: (error: unknown) => void;
}

/** Options of a request. */
export interface RequestOptions {
  /**
   * How long to try.
   *
   * @default {5000}
   */
  timeoutMs?: number;
  /** Gives up. */
  signal?: AbortSignal;
  /**
   * How to make values for changes that name none.
   *
   * @default {"random"}
   */
  strategy?: ValueStrategy;
}

/** Options of `ModstampClient.listen`. */
export interface ListenOptions {
  /** Ends the iteration with its reason. */
  signal?: AbortSignal;
  /**
   * The shortest time between two queries of an id; a random time between this
   * and `maxQueryMs` passes.
   *
   * @default {59_000}
   */
  minQueryMs?: number;
  /**
   * The longest time between two queries of an id; shorter than the server
   * keeps a subscription.
   *
   * @default {61_000}
   */
  maxQueryMs?: number;
  /**
   * After how long without a word the server counts as silent.
   *
   * @default {300_000}
   */
  silenceMs?: number;
  /**
   * Called when the server is silent, and every `silenceMs` again; the client
   * goes on trying.
   *
   * @default {the iteration ends with a NoAnswerError}
   */
  onSilence?: (silentMs: number) => void;
}

/**
 * Checks that a number among the options is in its range.
 *
 * @throws {RangeError} When it is not.
 */
export function checkRange(
  name: string,
  value: number,
  [least, most]: readonly [least: number, most: number],
): number {
  if (value >= least && value <= most) return value;
  throw new RangeError(
    `Cannot use modstamp client as ${name} must be from ${least} to ${most}: received ${value}`,
  );
}
