import type { DeflatePolicy } from "../protocol/deflate_negotiation.ts";

/** How messages are compressed (permessage-deflate, RFC 7692). */
export interface DeflateOptions {
  /**
   * Whether the server begins each message with an empty window. Otherwise a
   * connection that has sent something compressed holds about 300 KiB more at
   * full window and `memLevel`.
   *
   * @default {true}
   */
  serverNoContextTakeover?: boolean;
  /**
   * Whether clients must begin each message with an empty window. Otherwise a
   * connection that has received something compressed holds up to 32 KiB more.
   *
   * @default {true}
   */
  clientNoContextTakeover?: boolean;
  /**
   * The base-two logarithm of the largest window the server compresses with, 8 to 15.
   *
   * @default {15}
   */
  serverMaxWindowBits?: number;
  /**
   * The base-two logarithm of the largest window clients may compress with, 8
   * to 15. Clients that can't be told so are served without compression.
   *
   * @default {15}
   */
  clientMaxWindowBits?: number;
  /**
   * How hard to compress, 1 to 9.
   *
   * @default {6}
   */
  level?: number;
  /**
   * How much memory compressing takes while it runs, 1 to 9.
   *
   * @default {8}
   */
  memLevel?: number;
  /**
   * Messages shorter than this many bytes are sent as they are.
   *
   * @default {1024}
   */
  minBytes?: number;
  /**
   * Messages longer than this many bytes are sent as they are, as compressing
   * them would keep the loop busy for long.
   *
   * @default {1_048_576}
   */
  maxBytes?: number;
}

/** How messages are compressed, with nothing left open. */
export type DeflateSettings = Required<DeflateOptions> & DeflatePolicy;

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} When an option is out of range.
 */
export function deflateSettings(options: DeflateOptions): DeflateSettings {
  const settings = {
    serverNoContextTakeover: options.serverNoContextTakeover ?? true,
    clientNoContextTakeover: options.clientNoContextTakeover ?? true,
    serverMaxWindowBits: options.serverMaxWindowBits ?? 15,
    clientMaxWindowBits: options.clientMaxWindowBits ?? 15,
    level: options.level ?? 6,
    memLevel: options.memLevel ?? 8,
    minBytes: options.minBytes ?? 1024,
    maxBytes: options.maxBytes ?? 1_048_576,
  };
  checkRange("serverMaxWindowBits", settings.serverMaxWindowBits, [8, 15]);
  checkRange("clientMaxWindowBits", settings.clientMaxWindowBits, [8, 15]);
  checkRange("level", settings.level, [1, 9]);
  checkRange("memLevel", settings.memLevel, [1, 9]);
  checkRange("minBytes", settings.minBytes, [0, Infinity]);
  checkRange("maxBytes", settings.maxBytes, [0, Infinity]);
  return settings;
}

function checkRange(name: string, value: number, [least, most]: [number, number]): void {
  if (value >= least && value <= most && (Number.isInteger(value) || most === Infinity)) return;
  throw new RangeError(
    `Cannot compress messages as ${name} must be from ${least} to ${most}: received ${value}`,
  );
}
