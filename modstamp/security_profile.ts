import { parse as parseYaml } from "@std/yaml";
import { IpRange } from "../loop/mod.ts";
import { isKeyId, MAX_KEY_ID } from "./packet.ts";

/** What a peer may do: nothing, query, or query and change. */
export type Permission = "none" | "ro" | "rw";

/** How packets are protected. */
export type Encryption = "plain" | "aes-256-gcm";

/** Who may do what, and how. */
export interface ProfileEntry {
  /** How packets are protected. */
  readonly encryption: Encryption;
  /** What the peer may do. */
  readonly permission: Permission;
  /** The encryptor's parameter that packets must carry; any when missing. */
  readonly id?: string;
  /** The peer's address must be in one of these; anywhere when missing. */
  readonly hosts?: readonly IpRange[];
  /** The pre-shared key of `aes-256-gcm`, 32 bytes. */
  readonly key?: Uint8Array;
}

/** A security profile is unusable. */
export class SecurityProfileError extends Error {
  /** Where the profile came from, such as a file's path. */
  readonly source: string;

  /**
   * Makes the error.
   *
   * @param source Where the profile came from.
   * @param reason What is wrong, and at which place.
   */
  constructor(source: string, reason: string) {
    super(`Cannot use security profile ${source} as ${reason}`);
    this.name = "SecurityProfileError";
    this.source = source;
  }
}

const KEYS = ["encryption", "permission", "id", "hosts", "key"];
const PERMISSIONS = ["none", "ro", "rw"];
const ENCRYPTIONS = ["plain", "aes-256-gcm"];

/**
 * Who may do what: a list of entries, of which the first that fits a packet
 * counts. Written as JSON or YAML, either a list or an object with the list
 * under `profiles`.
 *
 * @example Everybody may query, the office may also change
 * ```ts
 * import { SecurityProfile } from "@sluice/sluice/modstamp";
 * import { assertEquals } from "@std/assert";
 *
 * const profile = SecurityProfile.parse(`
 * - { encryption: plain, permission: rw, hosts: [192.168.7.0/24, "::1"] }
 * - { encryption: plain, permission: ro }
 * `);
 * assertEquals(profile.entries.map(({ permission }) => permission), ["rw", "ro"]);
 * ```
 */
export class SecurityProfile {
  /** The entries, in the order in which they are tried. */
  readonly entries: readonly ProfileEntry[];

  private constructor(entries: readonly ProfileEntry[]) {
    this.entries = entries;
  }

  /** The default: `127.0.0.1` and `::1` may change, all others may query. */
  static default(): SecurityProfile {
    return SecurityProfile.from([
      { encryption: "plain", permission: "rw", hosts: ["127.0.0.1", "::1"] },
      { encryption: "plain", permission: "ro" },
    ]);
  }

  /**
   * Reads a profile from JSON or YAML text.
   *
   * @param text The text.
   * @param options `source`: what to call the text in errors.
   * @throws {SecurityProfileError} When it can't be used; says where.
   */
  static parse(text: string, options: { source?: string } = {}): SecurityProfile {
    const { source = "text" } = options;
    let data: unknown;
    try {
      data = parseYaml(text);
    } catch (error) {
      // The error itself quotes the text around the place, in which a key may be.
      const reason = error instanceof Error ? firstLine(error.message) : "it is malformed";
      throw new SecurityProfileError(source, `it is neither JSON nor YAML: ${reason}`);
    }
    return SecurityProfile.from(data, { source });
  }

  /**
   * Makes a profile of plain data.
   *
   * @param data A list of entries, or an object with the list under `profiles`.
   * @param options `source`: what to call the data in errors.
   * @throws {SecurityProfileError} When it can't be used; says where.
   */
  static from(data: unknown, options: { source?: string } = {}): SecurityProfile {
    const { source = "object" } = options;
    const fail: Fail = (place, reason) => {
      throw new SecurityProfileError(source, `${place} ${reason}`);
    };
    const list = isRecord(data) && "profiles" in data ? data.profiles : data;
    if (!Array.isArray(list)) return fail("it", "is no list of profiles");
    return new SecurityProfile(list.map((entry, i) => readEntry(entry, `profiles[${i}]`, fail)));
  }
}

type Fail = (place: string, reason: string) => never;

function readEntry(data: unknown, place: string, fail: Fail): ProfileEntry {
  if (!isRecord(data)) return fail(place, "is no object");
  for (const name of Object.keys(data)) {
    if (!KEYS.includes(name)) {
      fail(`${place}.${name}`, `is not known: known are ${KEYS.join(", ")}`);
    }
  }
  const encryption = oneOf(data.encryption, ENCRYPTIONS, `${place}.encryption`, fail) as Encryption;
  const permission = readPermission(data.permission, `${place}.permission`, fail);
  const id = readId(data.id, `${place}.id`, fail);
  const hosts = readHosts(data.hosts, `${place}.hosts`, fail);
  const key = readKey(data.key, `${place}.key`, fail);
  if ((encryption === "plain") !== (key === undefined)) {
    fail(`${place}.key`, key === undefined ? `is missing for ${encryption}` : "is not for plain");
  }
  return { encryption, permission, id, hosts, key };
}

function readId(value: unknown, place: string, fail: Fail): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") return fail(place, "is no text");
  return isKeyId(value) ? value : fail(place, `is not 0 to ${MAX_KEY_ID} Latin-1 characters`);
}

function readPermission(value: unknown, place: string, fail: Fail): Permission {
  if (value === undefined || value === null) return "none";
  const text = typeof value === "string" ? value.toLowerCase() : value;
  return text === "default" ? "none" : oneOf(text, PERMISSIONS, place, fail) as Permission;
}

function readHosts(value: unknown, place: string, fail: Fail): IpRange[] | undefined {
  if (value === undefined || value === null) return undefined;
  const list = Array.isArray(value) ? value : [value];
  return list.map((text, i) => {
    const range = typeof text === "string" ? IpRange.parse(text) : null;
    return range ?? fail(`${place}[${i}]`, `is no IP address or range: ${JSON.stringify(text)}`);
  });
}

function readKey(value: unknown, place: string, fail: Fail): Uint8Array | undefined {
  if (value === undefined || value === null) return undefined;
  // The key itself must never appear in a message.
  if (typeof value !== "string" || !/^[0-9a-fA-F]{64}$/.test(value)) {
    return fail(place, "is not 64 hexadecimal digits");
  }
  return Uint8Array.from(value.match(/../g)!, (digits) => parseInt(digits, 16));
}

function oneOf(value: unknown, known: string[], place: string, fail: Fail): string {
  if (typeof value === "string" && known.includes(value)) return value;
  const received = value === undefined ? "it is missing" : `received ${JSON.stringify(value)}`;
  return fail(place, `must be one of ${known.join(", ")}: ${received}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(text: string): string {
  return text.split("\n")[0].replace(/:$/, "");
}
