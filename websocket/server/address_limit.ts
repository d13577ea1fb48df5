import { parseIp, type StreamAddress } from "../../loop/mod.ts";

const NETWORK_BYTES = 8;

/** Counts connections by where they come from. */
export class AddressLimit {
  readonly #max: number;
  readonly #counts = new Map<string, number>();

  /**
   * @param max Most connections from one IPv4 address or IPv6 network of 64 bits.
   */
  constructor(max: number) {
    this.#max = max;
  }

  /** How many addresses have connections. */
  get size(): number {
    return this.#counts.size;
  }

  /**
   * Counts a connection.
   *
   * @returns What to give back by {@linkcode leave}, or `null` when there are too many.
   */
  enter(address: StreamAddress | null): string | null {
    const key = this.#max === Infinity ? "" : keyOf(address);
    if (key === "") return key;
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#max) return null;
    this.#counts.set(key, count + 1);
    return key;
  }

  /** Counts a connection no longer. */
  leave(key: string): void {
    const count = this.#counts.get(key);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
  }
}

/** What stands for an address; empty for a unix socket. */
function keyOf(address: StreamAddress | null): string {
  if (address === null || !("hostname" in address)) return "";
  const ip = parseIp(address.hostname.split("%")[0]);
  if (ip === null) return "";
  // One who has an IPv6 address has its whole network of 64 bits.
  const isIpv6 = address.hostname.includes(":");
  return (isIpv6 ? ip.subarray(0, NETWORK_BYTES) : ip).join(".");
}
