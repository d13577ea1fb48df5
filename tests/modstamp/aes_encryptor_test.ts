import { assert, assertEquals, assertFalse, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { SeededRandom } from "../../loop/mod.ts";
import {
  AesEncryptor,
  type AesEncryptorOptions,
  decodeHeader,
  type Decrypted,
} from "../../modstamp/mod.ts";
import { ManualClock } from "./manual_clock.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const BODY = new TextEncoder().encode("the body");
let seeds = 0;

function make(
  side: "server" | "client",
  options: Partial<AesEncryptorOptions> & { clock: ManualClock },
): AesEncryptor {
  return new AesEncryptor({ key: KEY, side, random: new SeededRandom(++seeds), ...options });
}

/** A client and a server that share a key and a clock. */
function makePair(
  options: Partial<AesEncryptorOptions> = {},
): { client: AesEncryptor; server: AesEncryptor; clock: ManualClock } {
  const clock = new ManualClock();
  const client = make("client", { ...options, clock });
  return { client, server: make("server", { ...options, clock }), clock };
}

/** Decrypts a packet that stands amid other bytes. */
function decrypt(encryptor: AesEncryptor, packet: Uint8Array): Decrypted {
  const header = decodeHeader(packet);
  if (header === null) return { ok: false, reason: "truncated" };
  const bytes = new Uint8Array(packet.length + 14).fill(0xaa);
  bytes.set(packet, 7);
  const [start, bodyStart] = [7, 7 + header.bodyStart];
  return encryptor.decrypt({ bytes, start, bodyStart, end: 7 + packet.length });
}

/** The body of a packet, or why there is none. */
function open(encryptor: AesEncryptor, packet: Uint8Array): Uint8Array | string {
  const result = decrypt(encryptor, packet);
  return result.ok ? result.bytes.slice(result.start, result.end) : result.reason;
}

/** The session by which a server answers a client. */
function sessionOf(server: AesEncryptor, packet: Uint8Array): Uint8Array {
  const result = decrypt(server, packet);
  assert(result.ok && result.session !== undefined);
  return result.session;
}

Deno.test("AesEncryptor carries bodies of any length both ways", () => {
  const { client, server } = makePair({ keyId: "office" });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000, size: "max" }), (body) => {
      const packet = client.encrypt(body);
      assertEquals(packet.length, body.length + client.overheadBytes);
      assertEquals(decodeHeader(packet)?.signature, "a");
      assertEquals(decodeHeader(packet)?.keyId, "office");
      const result = decrypt(server, packet);
      assert(result.ok);
      assertEquals(result.bytes.slice(result.start, result.end), body);
      assertEquals(open(client, server.encrypt(body, result.session)), body);
    }),
  );
});

Deno.test("AesEncryptor.encrypt() hides equal bodies", () => {
  const { client } = makePair();
  const [one, other] = [client.encrypt(BODY), client.encrypt(BODY)];
  const textOf = (packet: Uint8Array): Uint8Array => packet.slice(client.overheadBytes - 16);
  assertNotEquals(textOf(one), textOf(other));
  assertFalse(String(one).includes(String(BODY)));
});

Deno.test("AesEncryptor.decrypt() gives a body of its own that is a plain array", () => {
  const { client, server } = makePair();
  const result = decrypt(server, client.encrypt(BODY));
  assert(result.ok);
  assertEquals(Object.getPrototypeOf(result.bytes), Uint8Array.prototype);
});

Deno.test("AesEncryptor.decrypt() refuses a packet that came before", () => {
  const { client, server } = makePair();
  const packets = Array.from({ length: 50 }, () => client.encrypt(BODY));
  for (const packet of packets.toReversed()) assertEquals(open(server, packet), BODY);
  for (const packet of packets) assertEquals(open(server, packet), "replayed");
});

Deno.test("AesEncryptor.decrypt() refuses a packet of which any bit is changed", () => {
  const { client, server } = makePair({ keyId: "k1" });
  const packet = client.encrypt(BODY);
  for (let at = 0; at < packet.length; at++) {
    for (const bit of [1, 0x80]) {
      const forged = packet.slice();
      forged[at]! ^= bit;
      const outcome = open(server, forged);
      assert(typeof outcome === "string", `byte ${at}`);
      assert(["forged", "stale", "truncated"].includes(outcome), outcome);
    }
  }
  assertEquals(open(server, packet), BODY, "forged packets did not use up the number");
});

Deno.test("AesEncryptor.decrypt() refuses a packet cut off anywhere", () => {
  const { client, server } = makePair({ keyId: "k1" });
  const packet = client.encrypt(BODY);
  for (let length = 0; length < packet.length; length++) {
    const outcome = open(server, packet.subarray(0, length));
    const isShort = length < client.overheadBytes;
    assertEquals(outcome, isShort ? "truncated" : "forged", `${length} bytes`);
  }
  assertEquals(open(server, Uint8Array.from([...packet, 0])), "forged");
});

Deno.test("AesEncryptor.decrypt() refuses a packet under another key", () => {
  const { client, clock } = makePair();
  const other = make("server", { clock, key: Uint8Array.from(KEY, (byte) => byte ^ 1) });
  assertEquals(open(other, client.encrypt(BODY)), "forged");
});

Deno.test("AesEncryptor.decrypt() refuses a packet under another key id", () => {
  const { client, clock } = makePair({ keyId: "k1" });
  const server = make("server", { clock, keyId: "k2" });
  const packet = client.encrypt(BODY);
  packet[3] = "2".charCodeAt(0);
  assertEquals(decodeHeader(packet)?.keyId, "k2");
  assertEquals(open(server, packet), "forged");
});

Deno.test("AesEncryptor.decrypt() refuses what its own side has sent", () => {
  const { client, server, clock } = makePair();
  const session = sessionOf(server, client.encrypt(BODY));
  assertEquals(open(make("server", { clock }), server.encrypt(BODY, session)), "forged");
  assertEquals(open(server, server.encrypt(BODY)), "forged");
  assertEquals(open(make("client", { clock }), client.encrypt(BODY)), "forged");
  assertEquals(open(client, client.encrypt(BODY)), "forged");
});

Deno.test("AesEncryptor.decrypt() refuses what is for another session of a client", () => {
  const { client, server, clock } = makePair();
  const other = make("client", { clock });
  const session = sessionOf(server, other.encrypt(BODY));
  assertEquals(open(client, server.encrypt(BODY, session)), "forged");
  assertEquals(open(client, server.encrypt(BODY)), "forged", "for no session at all");
  assertEquals(open(other, server.encrypt(BODY, session)), BODY);
});

Deno.test("AesEncryptor.decrypt() of a server refuses packets that are too old or too new", () => {
  const { client, server, clock } = makePair({ clockToleranceMs: 1000 });
  clock.nowMs = 10_000;
  const packet = client.encrypt(BODY);
  const second = client.encrypt(BODY);
  clock.nowMs = 11_001;
  assertEquals(open(server, packet), "stale");
  clock.nowMs = 11_000;
  assertEquals(open(server, packet), BODY);
  clock.nowMs = 8999;
  assertEquals(open(server, second), "stale");
  clock.nowMs = 9000;
  assertEquals(open(server, second), BODY);
});

Deno.test("AesEncryptor.decrypt() of a server refuses packets from before it started", () => {
  const { client, clock } = makePair();
  const packet = client.encrypt(BODY);
  clock.nowMs = 1;
  assertEquals(open(make("server", { clock }), packet), "stale");
  assertEquals(open(make("server", { clock }), client.encrypt(BODY)), BODY);
});

Deno.test("AesEncryptor.decrypt() of a client needs no clock", () => {
  const { client, server, clock } = makePair({ clockToleranceMs: 1000 });
  const session = sessionOf(server, client.encrypt(BODY));
  const packet = server.encrypt(BODY, session);
  clock.nowMs = 86_400_000;
  assertEquals(open(client, packet), BODY);
});

Deno.test("AesEncryptor.decrypt() of a server refuses more senders than it remembers", () => {
  const { server, clock } = makePair({ clockToleranceMs: 1000, maxSenders: 2 });
  const clients = [1, 2, 3].map(() => make("client", { clock }));
  const send = (): (string | Uint8Array)[] =>
    clients.map((client) => open(server, client.encrypt(BODY)));
  assertEquals(send(), [BODY, BODY, "busy"]);
  clock.nowMs = 2000;
  assertEquals(send(), [BODY, BODY, "busy"]);
  clock.nowMs = 4001;
  clients.reverse();
  assertEquals(send(), [BODY, BODY, "busy"], "who is silent is forgotten");
});

Deno.test("AesEncryptor.decrypt() of a server refuses replays when senders were forgotten", () => {
  const { client, server, clock } = makePair({ clockToleranceMs: 1000, maxSenders: 1 });
  clock.nowMs = 5000;
  const ahead = client.encrypt(BODY);
  clock.nowMs = 4000;
  assertEquals(open(server, ahead), BODY);
  for (clock.nowMs = 4000; clock.nowMs <= 8000; clock.nowMs += 250) {
    open(server, make("client", { clock }).encrypt(BODY));
    assert(["replayed", "stale", "busy"].includes(String(open(server, ahead))));
  }
});

Deno.test("AesEncryptor.decrypt() of a client refuses replays of servers before", () => {
  const { client, server, clock } = makePair({ clockToleranceMs: 1000 });
  const old = server.encrypt(BODY, sessionOf(server, client.encrypt(BODY)));
  assertEquals(open(client, old), BODY);
  for (let restart = 0; restart < 3; restart++) {
    clock.nowMs += 3_600_000;
    const next = make("server", { clock });
    const session = sessionOf(next, client.encrypt(BODY));
    assertEquals(open(client, next.encrypt(BODY, session)), BODY);
  }
  assertEquals(open(client, old), "replayed");
});

Deno.test("AesEncryptor() refuses a key and a key id that can't be", () => {
  const clock = new ManualClock();
  assertThrows(
    () => make("client", { clock, key: new Uint8Array(16) }),
    RangeError,
    "Cannot use AES-256 key as it has 16 bytes: 32 are needed",
  );
  for (const keyId of ["a".repeat(201), "č"]) {
    assertThrows(() => make("client", { clock, keyId }), RangeError, "Cannot use key id");
  }
});
