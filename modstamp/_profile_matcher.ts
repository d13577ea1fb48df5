import type { Clock, PeerTable, RandomSource } from "../loop/mod.ts";
import { AesEncryptor } from "./aes_encryptor.ts";
import { type Encryptor, PlainEncryptor } from "./encryptor.ts";
import type { ProfileEntry, SecurityProfile } from "./security_profile.ts";

/** An entry of a security profile at work. */
export interface ActiveEntry {
  /** Its place in the profile. */
  readonly index: number;
  /** What it allows. */
  readonly permission: ProfileEntry["permission"];
  /** Protects its packets. */
  readonly encryptor: Encryptor;
  /** Whether its packets are plain. */
  readonly plain: boolean;
}

/** Options of {@linkcode ProfileMatcher}. */
export interface ProfileMatcherOptions {
  /** The profile. */
  profile: SecurityProfile;
  /** The peers whose packets are matched. */
  peers: PeerTable;
  /** The loop's clock. */
  clock: Clock;
  /** The loop's random source. */
  random: RandomSource;
}

const UNKNOWN = -2;
const NONE = -1;

/** Makes the encryptor of a profile's entry for one side. */
export function makeEncryptor(
  entry: ProfileEntry,
  options: { side: "server" | "client"; clock: Clock; random: RandomSource },
): Encryptor {
  return entry.key === undefined
    ? new PlainEncryptor()
    : new AesEncryptor({ ...options, key: entry.key, keyId: entry.id });
}

/** Finds the entries of a security profile that fit a packet. */
export class ProfileMatcher {
  /** The entries in order. */
  readonly entries: readonly ActiveEntry[];
  readonly #conditions: readonly ProfileEntry[];
  readonly #peers: PeerTable;
  #bare = new Int16Array(1024).fill(UNKNOWN);

  constructor(options: ProfileMatcherOptions) {
    this.#conditions = options.profile.entries;
    this.#peers = options.peers;
    this.entries = this.#conditions.map((entry, index) => ({
      index,
      permission: entry.permission,
      encryptor: makeEncryptor(entry, { ...options, side: "server" }),
      plain: entry.encryption === "plain",
    }));
  }

  /** The first entry for packets of `peer` with an empty header, remembered by peer. */
  matchBare(peer: number): ActiveEntry | null {
    if (peer >= this.#bare.length) {
      const larger = new Int16Array(Math.max(this.#bare.length * 2, peer + 1)).fill(UNKNOWN);
      larger.set(this.#bare);
      this.#bare = larger;
    }
    let index = this.#bare[peer];
    if (index === UNKNOWN) {
      index = this.#bare[peer] = this.match(peer, "", "")[0]?.index ?? NONE;
    }
    return index === NONE ? null : this.entries[index];
  }

  /** The entries that fit a packet's sender, signature and key id, in order. */
  match(peer: number, signature: string, keyId: string): ActiveEntry[] {
    const ip = this.#peers.ip(peer);
    return this.entries.filter(({ index, encryptor }) => {
      const { id, hosts } = this.#conditions[index];
      return encryptor.matches(signature) && (id === undefined || id === keyId) &&
        (hosts === undefined || hosts.some((range) => range.contains(ip)));
    });
  }

  /** Forgets a peer, as its number goes to another. */
  forget(peer: number): void {
    if (peer < this.#bare.length) this.#bare[peer] = UNKNOWN;
  }
}
