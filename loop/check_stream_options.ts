import type { ConnectOptions, ListenOptions, StreamOptions } from "./stream.ts";

const MAX_PORT = 65_535;

/** What a number must be. */
interface Range {
  least: number;
  most?: number;
}

/**
 * Checks the options of `EventLoop.listenStream` for all pollers.
 *
 * @throws {RangeError} When a number is out of its range.
 */
export function checkListenOptions(options: ListenOptions): void {
  const { port, backlog, maxConnections, tls } = options;
  checkStreamOptions("listen", options);
  check("listen", { port }, { least: 0, most: MAX_PORT });
  check("listen", { backlog, maxConnections }, { least: 1 });
  check("listen", { handshakeTimeoutMs: tls?.handshakeTimeoutMs }, { least: 0 });
}

/**
 * Checks the options of `EventLoop.connectStream` for all pollers.
 *
 * @throws {RangeError} When a number is out of its range.
 * @throws {TypeError} When neither a port nor a path is given, or both are.
 */
export function checkConnectOptions(options: ConnectOptions): void {
  const { port, path, connectTimeoutMs } = options;
  if ((path === undefined) === (port === undefined)) {
    throw new TypeError("Cannot connect as either a port or a path must be given");
  }
  checkStreamOptions("connect", options);
  check("connect", { port }, { least: 1, most: MAX_PORT });
  check("connect", { connectTimeoutMs }, { least: 0 });
}

function checkStreamOptions(attempt: string, options: StreamOptions): void {
  const { highWatermark = 65_536, lowWatermark, maxQueuedBytes, idleTimeoutMs, lingerMs } = options;
  check(attempt, { highWatermark, maxQueuedBytes }, { least: 1 });
  check(attempt, { lowWatermark }, { least: 0, most: highWatermark });
  check(attempt, { idleTimeoutMs, lingerMs }, { least: 0 });
}

function check(attempt: string, numbers: Record<string, number | undefined>, range: Range): void {
  const { least, most = Infinity } = range;
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined || (value >= least && value <= most)) continue;
    const wanted = most === Infinity ? `at least ${least}` : `from ${least} to ${most}`;
    throw new RangeError(`Cannot ${attempt} as ${name} must be ${wanted}: received ${value}`);
  }
}
