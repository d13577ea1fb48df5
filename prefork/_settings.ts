import type { LimitOptions, SupervisorOptions } from "./supervisor_options.ts";
import type { Share } from "./share.ts";

/** The times and limits of workers, defaults filled in. */
export type Limits = Required<LimitOptions> & {
  /** How often a worker is asked whether it lives. */
  heartbeatMs: number;
};

const DEFAULTS: Required<LimitOptions> = {
  timeoutMs: 30_000,
  bootTimeoutMs: 60_000,
  gracefulTimeoutMs: 30_000,
  drainMs: 250,
  lingerMs: 5_000,
  stopTimeoutMs: 2_000,
  settleMs: 500,
  minUptimeMs: 1_000,
  maxBackoffMs: 30_000,
  maxBootFailures: 5,
  maxRequests: 0,
  maxMemoryBytes: 0,
  jitter: 0.1,
};

/** Most workers of a supervisor. */
export const MAX_WORKERS = 1024;
/** Most spares of a supervisor. */
export const MAX_SPARES = 16;
const MAX_HEARTBEAT_MS = 1000;
/** Heartbeats that have to be missed before a worker counts as hung. */
const MIN_HEARTBEATS = 4;

/**
 * Fills in the defaults of times and limits.
 *
 * @throws {RangeError} When one makes no sense.
 */
export function resolveLimits(options: LimitOptions): Limits {
  const limits: Required<LimitOptions> = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof LimitOptions)[]) {
    const value = options[name] ?? DEFAULTS[name];
    if (!(value >= 0) || (name === "timeoutMs" && value === 0)) {
      throw new RangeError(
        `Cannot supervise workers as ${name} is out of range: received ${value}`,
      );
    }
    limits[name] = value;
  }
  if (limits.jitter > 1) {
    throw new RangeError(
      `Cannot supervise workers as jitter is above 1: received ${limits.jitter}`,
    );
  }
  const heartbeatMs = Math.min(MAX_HEARTBEAT_MS, limits.timeoutMs / MIN_HEARTBEATS);
  return { ...limits, heartbeatMs };
}

/**
 * Checks a number of workers.
 *
 * @throws {RangeError} When it is no whole number from 0 to 1024.
 */
export function checkWorkers(workers: number): number {
  if (Number.isInteger(workers) && workers >= 0 && workers <= MAX_WORKERS) return workers;
  throw new RangeError(
    `Cannot have ${workers} workers: a whole number from 0 to ${MAX_WORKERS} is needed`,
  );
}

/**
 * Checks a number of spares.
 *
 * @throws {RangeError} When it is no whole number from 0 to 16.
 */
export function checkSpares(spares: number): number {
  if (Number.isInteger(spares) && spares >= 0 && spares <= MAX_SPARES) return spares;
  throw new RangeError(
    `Cannot keep ${spares} spares: a whole number from 0 to ${MAX_SPARES} is needed`,
  );
}

/**
 * How the port is to be shared, where that is possible.
 *
 * @throws {RangeError} When the port or the way of sharing is none.
 * @throws {TypeError} When the system can't do it.
 */
export function resolveShare(options: SupervisorOptions, os: string): Share {
  const { port, workers = 1 } = options;
  const share = options.share ?? (port === undefined ? "none" : "reuseport");
  if (!["reuseport", "inherit", "none"].includes(share)) {
    throw new RangeError(`Cannot share port by ${share}: reuseport, inherit and none are known`);
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError(`Cannot listen on port ${port}: a whole number from 0 to 65535 is needed`);
  }
  if (share !== "none" && port === undefined && options.listenFd === undefined) {
    throw new TypeError(`Cannot share by ${share} as no port is given`);
  }
  if (os === "windows") throw new TypeError("Cannot supervise workers as windows has no signals");
  if (os !== "linux" && share === "inherit") {
    throw new TypeError(`Cannot hand down a listening socket on ${os}: use one worker, or Linux`);
  }
  if (os !== "linux" && share === "reuseport" && workers > 1) {
    throw new TypeError(
      `Cannot share a port among ${workers} workers as ${os} doesn't balance SO_REUSEPORT: ` +
        "use one worker, or Linux",
    );
  }
  return share;
}
