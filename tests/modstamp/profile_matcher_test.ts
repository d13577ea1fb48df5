import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { PeerTable, SeededRandom, SystemClock } from "../../loop/mod.ts";
import { makeEncryptor, ProfileMatcher } from "../../modstamp/_profile_matcher.ts";
import { AesEncryptor, PlainEncryptor, SecurityProfile } from "../../modstamp/mod.ts";

const KEY = "00".repeat(32);

function makeMatcher(entries: unknown, peers = new PeerTable()): ProfileMatcher {
  return new ProfileMatcher({
    profile: SecurityProfile.from(entries),
    peers,
    clock: new SystemClock(),
    random: new SeededRandom(1),
  });
}

Deno.test("ProfileMatcher.matchBare() gives the first entry whose hosts contain the peer", () => {
  const peers = new PeerTable();
  const matcher = makeMatcher([
    { encryption: "aes-256-gcm", permission: "rw", key: KEY },
    { encryption: "plain", permission: "rw", hosts: ["10.0.0.0/8", "::1"] },
    { encryption: "plain", permission: "none", hosts: ["192.168.7.1"] },
    { encryption: "plain", permission: "ro", hosts: ["192.168.7.0/24"] },
  ], peers);
  const permissionOf = (address: string): string | undefined =>
    matcher.matchBare(peers.internAddress(address, 1))?.permission;
  assertEquals(permissionOf("10.255.0.1"), "rw");
  assertEquals(permissionOf("::ffff:10.255.0.1"), "rw");
  assertEquals(permissionOf("::1"), "rw");
  assertEquals(permissionOf("192.168.7.1"), "none");
  assertEquals(permissionOf("192.168.7.2"), "ro");
  assertEquals(permissionOf("192.168.8.2"), undefined);
});

Deno.test("ProfileMatcher.matchBare() remembers peers until they are forgotten", () => {
  const peers = new PeerTable({ maxPeers: 1 });
  const matcher = makeMatcher([
    { encryption: "plain", permission: "rw", hosts: ["127.0.0.1"] },
    { encryption: "plain", permission: "ro" },
  ], peers);
  peers.onForget((peer) => matcher.forget(peer));
  for (const [address, permission] of [["127.0.0.1", "rw"], ["127.0.0.2", "ro"]] as const) {
    for (let i = 0; i < 2; i++) {
      const peer = peers.internAddress(address, 1);
      assertEquals(matcher.matchBare(peer)?.permission, permission);
    }
  }
  matcher.forget(1_000_000);
});

Deno.test("ProfileMatcher.match() looks at signature, key id and hosts", () => {
  const peers = new PeerTable();
  const peer = peers.internAddress("127.0.0.1", 1);
  const matcher = makeMatcher([
    { encryption: "plain", permission: "ro", id: "k1" },
    { encryption: "plain", permission: "rw" },
    { encryption: "aes-256-gcm", permission: "rw", id: "office", key: KEY },
    { encryption: "aes-256-gcm", permission: "ro", key: KEY },
    { encryption: "aes-256-gcm", permission: "rw", key: KEY, hosts: ["10.0.0.1"] },
  ], peers);
  const match = (signature: string, keyId: string): number[] =>
    matcher.match(peer, signature, keyId).map(({ index }) => index);
  assertEquals(match("p", "k1"), [0, 1]);
  assertEquals(match("p", "other"), [1]);
  assertEquals(match("", ""), [1]);
  assertEquals(match("a", "office"), [2, 3]);
  assertEquals(match("a", ""), [3]);
  assertEquals(match("x", ""), []);
});

Deno.test("makeEncryptor() makes what the entry names", () => {
  const options = {
    side: "client",
    clock: new SystemClock(),
    random: new SeededRandom(1),
  } as const;
  const [plain, aes] = SecurityProfile.from([
    { encryption: "plain", permission: "rw" },
    { encryption: "aes-256-gcm", permission: "rw", id: "office", key: KEY },
  ]).entries;
  assert(plain !== undefined && aes !== undefined);
  assertInstanceOf(makeEncryptor(plain, options), PlainEncryptor);
  const encryptor = makeEncryptor(aes, options);
  assertInstanceOf(encryptor, AesEncryptor);
  assertEquals(encryptor.keyId, "office");
});
