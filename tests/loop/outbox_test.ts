import { assertEquals } from "@std/assert";
import { Outbox, PeerTable } from "../../loop/mod.ts";

interface Scene {
  peers: PeerTable;
  outbox: Outbox;
  firsts: () => number;
}

function makeScene(options: { maxQueued?: number; maxBytes?: number } = {}): Scene {
  const peers = new PeerTable({ maxPeers: 4 });
  for (let port = 0; port < 4; port++) peers.internAddress("10.0.0.1", port);
  let firsts = 0;
  const outbox = new Outbox({ peers, onFirst: () => void firsts++, ...options });
  return { peers, outbox, firsts: () => firsts };
}

const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

function queued(outbox: Outbox): string[] {
  return Array.from({ length: outbox.count }, (_, i) => {
    const bytes = outbox.bytes.subarray(outbox.starts[i], outbox.starts[i] + outbox.lengths[i]);
    return `${outbox.targets[i]} ${new TextDecoder().decode(bytes)}`;
  });
}

Deno.test("Outbox.send() queues copies in order", () => {
  const { outbox, firsts } = makeScene();
  const bytes = encode("abc");
  assertEquals(outbox.send(1, bytes), true);
  bytes.fill(0);
  outbox.send(2, encode(""));
  outbox.send(1, encode("de"));
  assertEquals(queued(outbox), ["1 abc", "2 ", "1 de"]);
  assertEquals([outbox.count, outbox.room, firsts()], [3, 4093, 1]);
});

Deno.test("Outbox.open() and commit() queue what is written in place", () => {
  const { outbox } = makeScene({ maxBytes: 10 });
  const at = outbox.open(8);
  outbox.bytes.set(encode("12345"), at);
  outbox.commit(3, 5);
  assertEquals(outbox.open(6), -1);
  assertEquals(outbox.open(5), 5);
  assertEquals(queued(outbox), ["3 12345"]);
});

Deno.test("Outbox.share() sends the same bytes to many", () => {
  const { outbox, firsts } = makeScene({ maxBytes: 4 });
  const start = outbox.put(encode("news"));
  assertEquals([start, outbox.count, firsts()], [0, 0, 0]);
  for (const peer of [0, 1, 2]) outbox.share(peer, { start, length: 4 });
  assertEquals(queued(outbox), ["0 news", "1 news", "2 news"]);
  assertEquals([outbox.put(encode("x")), firsts()], [-1, 1]);
});

Deno.test("Outbox refuses what it has no room for", () => {
  const { outbox } = makeScene({ maxQueued: 2, maxBytes: 6 });
  assertEquals(outbox.send(0, encode("1234567")), false);
  assertEquals(outbox.send(0, encode("1234")), true);
  assertEquals(outbox.send(0, encode("123")), false);
  assertEquals(outbox.send(0, encode("12")), true);
  assertEquals(outbox.send(0, encode("")), false);
  assertEquals(outbox.share(0, { start: 0, length: 4 }), false);
  assertEquals([outbox.open(0), outbox.room], [-1, 0]);
});

Deno.test("Outbox retains the peers it has datagrams for until it is cleared", () => {
  const { outbox, peers } = makeScene();
  for (const peer of [0, 1, 2]) outbox.send(peer, encode("x"));
  outbox.share(2, { start: 0, length: 1 });
  assertEquals(peers.internAddress("10.0.0.2", 1), 3);
  peers.retain(3);
  assertEquals(peers.internAddress("10.0.0.2", 2), -1);
  outbox.clear();
  assertEquals(peers.internAddress("10.0.0.2", 2), 0);
  assertEquals([outbox.count, outbox.room], [0, 4096]);
});

Deno.test("Outbox.clear() makes room again, and the next datagram is a first one", () => {
  const { outbox, firsts } = makeScene({ maxQueued: 1, maxBytes: 3 });
  for (const text of ["abc", "def", "ghi"]) {
    assertEquals(outbox.send(0, encode(text)), true);
    assertEquals(queued(outbox), [`0 ${text}`]);
    outbox.clear();
  }
  assertEquals(firsts(), 3);
});

Deno.test("Outbox refuses a peer that a full peer table had no number for", () => {
  const { outbox, firsts } = makeScene();
  assertEquals(outbox.send(-1, encode("x")), false);
  assertEquals(outbox.share(-1, { start: 0, length: 0 }), false);
  outbox.open(1);
  outbox.commit(-1, 1);
  assertEquals([outbox.count, firsts()], [0, 0]);
});
