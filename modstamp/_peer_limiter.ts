/** Options of {@linkcode PeerLimiter}. */
export interface PeerLimiterOptions {
  /** Most packets a second from a peer. */
  maxPacketsPerSecond: number;
  /** Most bytes a second to a peer. */
  maxBytesPerSecond: number;
}

/**
 * Two token buckets a peer, one for packets in and one for bytes out, each
 * holding one second's worth. Peers not seen for a second have full buckets,
 * so forgetting a peer costs nothing.
 */
export class PeerLimiter {
  readonly #packetRate: number;
  readonly #byteRate: number;
  #packets = new Float32Array(1024);
  #bytes = new Float32Array(1024);
  #filled = new Float64Array(1024).fill(-Infinity);

  constructor(options: PeerLimiterOptions) {
    this.#packetRate = options.maxPacketsPerSecond;
    this.#byteRate = options.maxBytesPerSecond;
  }

  /** Whether a packet of `peer` may be served. */
  takePacket(peer: number, nowMs: number): boolean {
    this.#refill(peer, nowMs);
    if (this.#packets[peer] < 1) return false;
    this.#packets[peer]--;
    return true;
  }

  /** Whether `bytes` may be sent to `peer`. */
  takeBytes(peer: number, bytes: number, nowMs: number): boolean {
    this.#refill(peer, nowMs);
    if (this.#bytes[peer] < bytes) return false;
    this.#bytes[peer] -= bytes;
    return true;
  }

  /** Forgets what a peer did, as its number goes to another. */
  forget(peer: number): void {
    if (peer < this.#filled.length) this.#filled[peer] = -Infinity;
  }

  #refill(peer: number, nowMs: number): void {
    if (peer >= this.#filled.length) this.#enlarge(peer);
    const elapsed = Math.min((nowMs - this.#filled[peer]) / 1000, 1);
    if (elapsed <= 0) return;
    this.#filled[peer] = nowMs;
    this.#packets[peer] = Math.min(
      this.#packetRate,
      this.#packets[peer] + elapsed * this.#packetRate,
    );
    this.#bytes[peer] = Math.min(this.#byteRate, this.#bytes[peer] + elapsed * this.#byteRate);
  }

  #enlarge(peer: number): void {
    const length = Math.max(this.#filled.length * 2, peer + 1);
    const filled = new Float64Array(length).fill(-Infinity);
    filled.set(this.#filled);
    this.#filled = filled;
    const [packets, bytes] = [new Float32Array(length), new Float32Array(length)];
    packets.set(this.#packets);
    bytes.set(this.#bytes);
    this.#packets = packets;
    this.#bytes = bytes;
  }
}
