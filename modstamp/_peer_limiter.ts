import type { PeerTable } from "../loop/mod.ts";
import { TokenBuckets } from "./_token_buckets.ts";

/** A longer packet counts as several, as it may hold as many messages. */
const BYTES_PER_PACKET = 2048;
/** Buckets that hosts share by chance; a power of two. */
const HOST_BUCKETS = 65_536;
/** Bytes of an IPv6 address that name a network; hosts have all addresses of theirs. */
const NETWORK_BYTES = 8;

/** How IPv4 addresses are mapped into IPv6 (RFC 4291, 2.5.5.2). */
const IPV4_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Options of {@linkcode PeerLimiter}. */
export interface PeerLimiterOptions {
  /** Most packets a second from a peer. */
  maxPacketsPerSecond: number;
  /** Most bytes a second to a peer. */
  maxBytesPerSecond: number;
  /** Most bytes a second to all peers of one IPv4 address or IPv6 network (/64). */
  maxBytesPerSecondPerHost: number;
  /** The peers. */
  peers: PeerTable;
  /** Makes it unpredictable which hosts share a bucket. */
  seed: number;
}

/**
 * Limits what strangers send, and what they are sent: each peer, and together
 * all peers that look like one host, as a forged sender has any port it likes.
 * Who is not seen for a second is owed nothing, so forgetting costs nothing.
 */
export class PeerLimiter {
  readonly #packets: TokenBuckets;
  readonly #bytes: TokenBuckets;
  readonly #hostBytes: TokenBuckets;
  readonly #maxPackets: number;
  readonly #peers: PeerTable;
  readonly #seed: number;
  /** The bucket of each peer's host, 0 while it is not known. */
  #hosts = new Int32Array(1024);

  constructor(options: PeerLimiterOptions) {
    this.#packets = new TokenBuckets(options.maxPacketsPerSecond);
    this.#bytes = new TokenBuckets(options.maxBytesPerSecond);
    this.#hostBytes = new TokenBuckets(options.maxBytesPerSecondPerHost);
    this.#maxPackets = options.maxPacketsPerSecond;
    this.#peers = options.peers;
    this.#seed = options.seed | 0;
  }

  /** Whether a packet of so many bytes of `peer` may be served. */
  takePacket(peer: number, bytes: number, nowMs: number): boolean {
    const packets = Math.min(Math.max(1, bytes / BYTES_PER_PACKET), this.#maxPackets);
    return this.#packets.take(peer, packets, nowMs);
  }

  /** Whether `bytes` may be sent to `peer`. */
  takeBytes(peer: number, bytes: number, nowMs: number): boolean {
    return this.#bytes.take(peer, bytes, nowMs) &&
      this.#hostBytes.take(this.#hostOf(peer), bytes, nowMs);
  }

  /** Forgets what a peer did, as its number goes to another. */
  forget(peer: number): void {
    this.#packets.forget(peer);
    this.#bytes.forget(peer);
    if (peer < this.#hosts.length) this.#hosts[peer] = 0;
  }

  #hostOf(peer: number): number {
    if (peer >= this.#hosts.length) {
      const hosts = new Int32Array(Math.max(this.#hosts.length * 2, peer + 1));
      hosts.set(this.#hosts);
      this.#hosts = hosts;
    }
    return this.#hosts[peer] ||= 1 + (this.#hashHost(this.#peers.ip(peer)) & (HOST_BUCKETS - 1));
  }

  #hashHost(ip: Uint8Array): number {
    const isIpv4 = IPV4_PREFIX.every((byte, i) => ip[i] === byte);
    const host = isIpv4 ? ip.subarray(IPV4_PREFIX.length) : ip.subarray(0, NETWORK_BYTES);
    let hash = this.#seed;
    for (const byte of host) {
      hash = Math.imul(hash ^ byte, 0x01000193);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x85ebca77);
    return hash ^ (hash >>> 13);
  }
}
