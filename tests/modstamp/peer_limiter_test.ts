import { assert, assertEquals, assertFalse } from "@std/assert";
import { PeerTable } from "../../loop/mod.ts";
import { PeerLimiter, type PeerLimiterOptions } from "../../modstamp/_peer_limiter.ts";

function makeLimiter(options: Partial<PeerLimiterOptions> = {}): PeerLimiter {
  return new PeerLimiter({
    maxPacketsPerSecond: 10,
    maxBytesPerSecond: 1000,
    maxBytesPerSecondPerHost: 2500,
    peers: new PeerTable(),
    seed: 1,
    ...options,
  });
}

/** How many peers, one after another, get 1000 bytes at once. */
function countServed(addresses: string[]): number {
  const peers = new PeerTable();
  const limiter = makeLimiter({ peers });
  return addresses.filter((address, i) =>
    limiter.takeBytes(peers.internAddress(address, 5000 + i), 1000, 0)
  ).length;
}

Deno.test("PeerLimiter.takePacket() counts a long packet as several", () => {
  const limiter = makeLimiter();
  assert(limiter.takePacket(0, 8 * 2048, 0));
  assert(limiter.takePacket(0, 1, 0));
  assert(limiter.takePacket(0, 2048, 0));
  assertFalse(limiter.takePacket(0, 1, 0));
  assert(limiter.takePacket(0, 1, 100));
});

Deno.test("PeerLimiter.takePacket() lets the longest packet pass once a second at least", () => {
  const limiter = makeLimiter({ maxPacketsPerSecond: 1 });
  assert(limiter.takePacket(0, 65_507, 0));
  assertFalse(limiter.takePacket(0, 65_507, 999));
  assert(limiter.takePacket(0, 65_507, 2000));
});

Deno.test("PeerLimiter.takeBytes() limits the peers of one host together", () => {
  assertEquals(countServed(Array(5).fill("203.0.113.7")), 2);
  assertEquals(countServed(["203.0.113.7", "::ffff:203.0.113.7", "203.0.113.7"]), 2);
  assertEquals(countServed(["2001:db8::1", "2001:db8::2", "2001:db8::ffff:3"]), 2);
});

Deno.test("PeerLimiter.takeBytes() keeps hosts apart", () => {
  assertEquals(countServed(Array.from({ length: 100 }, (_, i) => `203.0.113.${i}`)), 100);
  assertEquals(countServed(Array.from({ length: 100 }, (_, i) => `2001:db8:0:${i}::1`)), 100);
});

Deno.test("PeerLimiter.forget() gives a peer's number to a peer of another host", () => {
  const peers = new PeerTable({ maxPeers: 1 });
  const limiter = makeLimiter({ peers });
  peers.onForget((peer) => limiter.forget(peer));
  assert(limiter.takeBytes(peers.internAddress("203.0.113.7", 1), 1000, 0));
  assertFalse(limiter.takeBytes(peers.internAddress("203.0.113.7", 1), 1000, 0));
  assert(limiter.takeBytes(peers.internAddress("203.0.113.7", 2), 1000, 0));
  assertFalse(limiter.takeBytes(peers.internAddress("203.0.113.7", 3), 1000, 0));
  assert(limiter.takeBytes(peers.internAddress("203.0.113.8", 1), 1000, 0));
});
