import { formatAddress } from "../loop/mod.ts";

/** Where one server of Redis listens. */
export interface RedisAddress {
  /** Its name or address. */
  readonly hostname: string;
  /** Its port. */
  readonly port: number;
}

/** What the URL of a Redis says. */
export interface RedisTarget {
  /** The servers, of which one is the master: the first that says so is used. */
  readonly addresses: readonly RedisAddress[];
  /** Whether TLS is spoken. */
  readonly tls: boolean;
  /** The user, if any is named. */
  readonly username: string | undefined;
  /** The password, if there is one. */
  readonly password: string | undefined;
  /** The number of the database. */
  readonly database: number;
  /** The URL without user and password, to be shown. */
  readonly display: string;
}

const SHAPE = /^(rediss?):\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/(\d{1,5})?)?$/;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[^:\[\]\s]+)(?::(\d{1,5}))?$/;
const DEFAULT_PORT = 6379;
const MAX_SERVERS = 16;

/**
 * Whether a text is meant as the URL of a Redis.
 *
 * @example Tell stores apart
 * ```ts
 * import { isRedisUrl } from "@sluice/sluice/redis";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["redis://localhost", "kv:queue.db"].map(isRedisUrl), [true, false]);
 * ```
 *
 * @param text The text.
 */
export function isRedisUrl(text: string): boolean {
  return text.startsWith("redis://") || text.startsWith("rediss://");
}

/**
 * Reads `redis[s]://[[user]:password@]host[:port][,host[:port]…][/database]`.
 *
 * @example A master and the replica that may take its place
 * ```ts
 * import { parseRedisUrl } from "@sluice/sluice/redis";
 * import { assertEquals } from "@std/assert";
 *
 * const target = parseRedisUrl("redis://:secret@a,b:6380/2");
 * assertEquals(target.addresses[1], { hostname: "b", port: 6380 });
 * assertEquals(target.display, "redis://a:6379,b:6380/2");
 * ```
 *
 * @param url The URL.
 * @throws {SyntaxError} When it is no such URL; the message doesn't repeat it.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const match = SHAPE.exec(url);
  if (match === null) {
    throw new SyntaxError(
      "Cannot use URL of Redis as it is not redis[s]://[[USER]:PASSWORD@]HOST[:PORT][,…][/NUMBER]",
    );
  }
  const [, scheme, credentials, hosts, number] = match;
  const addresses = hosts.split(",").map(parseAddress);
  if (addresses.length > MAX_SERVERS) {
    throw new SyntaxError(`Cannot use URL of Redis as it names more than ${MAX_SERVERS} servers`);
  }
  const database = Number(number ?? 0);
  const shown = addresses.map(formatAddress).join(",");
  return {
    addresses,
    tls: scheme === "rediss",
    ...parseCredentials(credentials),
    database,
    display: `${scheme}://${shown}${database === 0 ? "" : `/${database}`}`,
  };
}

function parseAddress(text: string): RedisAddress {
  const match = HOST.exec(text);
  const port = Number(match?.[2] ?? DEFAULT_PORT);
  if (match === null || port < 1 || port > 65_535) {
    throw new SyntaxError(`Cannot use URL of Redis as ${text} is not HOST[:PORT]`);
  }
  return { hostname: match[1].replace(/^\[|\]$/g, ""), port };
}

function parseCredentials(
  text: string | undefined,
): Pick<RedisTarget, "username" | "password"> {
  if (text === undefined || text === "") return { username: undefined, password: undefined };
  const colon = text.indexOf(":");
  const [user, password] = colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
  return { username: decodePart(user), password: decodePart(password) };
}

function decodePart(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SyntaxError("Cannot use URL of Redis as user or password is not percent-encoded");
  }
}
