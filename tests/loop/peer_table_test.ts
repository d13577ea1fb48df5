import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { PeerTable, SeededRandom } from "../../loop/mod.ts";
import { PAGE_PEERS, PEER_BYTES } from "../../loop/peer_table.ts";

Deno.test("PeerTable.internAddress() gives an address the same number again", () => {
  const peers = new PeerTable();
  const numbers = ["10.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1"].map((hostname) =>
    peers.internAddress(hostname, 1415)
  );
  assertEquals(numbers, [0, 0, 0]);
  assertEquals(peers.internAddress("10.0.0.1", 1416), 1);
  assertEquals(peers.internAddress("10.0.0.2", 1415), 2);
  assertEquals(peers.internAddress("fe80::1%2", 1415), 3);
  assertEquals(peers.internAddress("fe80::1%3", 1415), 4);
  assertEquals(peers.internAddress("fe80::1", 1415), 5);
  assertEquals(peers.size, 6);
});

Deno.test("PeerTable.internAddress() tells apart what differs anywhere", () => {
  const peers = new PeerTable();
  let count = 0;
  for (let i = 1; i <= 1000; i++) {
    const group = i.toString(16);
    for (const hostname of [`fe80::1%${i}`, `${group}::`, `0:0:${group}::`, `::${group}`]) {
      assertEquals(peers.internAddress(hostname, 0), count++);
    }
    assertEquals(peers.internAddress("fe80::1", i), count++);
    assertEquals(peers.internAddress(`0:0:0:0:${group}::`, 0), count++);
  }
});

Deno.test("PeerTable.address() tells the address of a peer", () => {
  const peers = new PeerTable();
  const addresses = [
    { hostname: "10.0.0.1", port: 0 },
    { hostname: "2001:db8::1", port: 65_535 },
    { hostname: "fe80::1%2", port: 1415 },
  ];
  for (const address of addresses) {
    const peer = peers.internAddress(address.hostname, address.port);
    assertEquals(peers.address(peer), address);
  }
  assertEquals(peers.ip(0).toHex(), "00000000000000000000ffff0a000001");
});

Deno.test("PeerTable keeps each peer as a sockaddr_in6", () => {
  const peers = new PeerTable();
  const peer = peers.internAddress("2001:db8::1", 1415);
  const bytes = new Uint8Array(peers.page(peer).buffer, peer * PEER_BYTES, PEER_BYTES);
  assertEquals(
    bytes.toHex(),
    `0a00058700000000${"20010db8000000000000000000000001"}0000000000000000`,
  );
});

Deno.test("PeerTable.internAddress() refuses what is no IP address", () => {
  const peers = new PeerTable();
  assertThrows(() => peers.internAddress("localhost", 1), SyntaxError, "localhost");
  assertEquals(peers.size, 0);
});

Deno.test("PeerTable refuses a size that is no positive integer", () => {
  for (const maxPeers of [0, -1, 1.5, NaN]) {
    assertThrows(() => new PeerTable({ maxPeers }), RangeError, `received ${maxPeers}`);
  }
});

Deno.test("PeerTable forgets the peer known for longest when it is full", () => {
  const peers = new PeerTable({ maxPeers: 3 });
  const forgotten: number[] = [];
  peers.onForget((peer) => {
    // It still has its address when this is told.
    forgotten.push(peers.address(peer).port);
  });
  for (let port = 1; port <= 5; port++) peers.internAddress("10.0.0.1", port);
  assertEquals([forgotten, peers.size], [[1, 2], 3]);
  assertEquals(peers.internAddress("10.0.0.1", 3), 2);
  assertEquals(peers.internAddress("10.0.0.1", 5), 1);
  assertEquals(peers.internAddress("10.0.0.1", 1), 2);
});

Deno.test("PeerTable.retain() keeps a peer until it is released as often", () => {
  const peers = new PeerTable({ maxPeers: 2 });
  const first = peers.internAddress("10.0.0.1", 1);
  peers.retain(first);
  peers.retain(first);
  peers.internAddress("10.0.0.1", 2);
  assertEquals(peers.internAddress("10.0.0.1", 3), 1);
  peers.retain(1);
  assertEquals(peers.internAddress("10.0.0.1", 4), -1);
  peers.release(first);
  assertEquals(peers.internAddress("10.0.0.1", 4), -1);
  peers.release(first);
  assertEquals(peers.internAddress("10.0.0.1", 4), first);
  assertEquals(peers.internAddress("10.0.0.1", 3), 1);
});

Deno.test("PeerTable grows past a page, and its pages never move", () => {
  const peers = new PeerTable();
  const first = peers.page(peers.internAddress("10.0.0.1", 0));
  const total = 2 * PAGE_PEERS + 10;
  for (let i = 0; i < total; i++) {
    assertEquals(peers.internAddress(`10.0.${i >> 8}.${i & 0xff}`, 7), i + 1);
  }
  assert(peers.page(0) === first);
  assert(peers.page(PAGE_PEERS) !== first);
  for (let i = 0; i < total; i += 97) {
    assertEquals(peers.address(i + 1), { hostname: `10.0.${i >> 8}.${i & 0xff}`, port: 7 });
    assertEquals(peers.internAddress(`10.0.${i >> 8}.${i & 0xff}`, 7), i + 1);
  }
});

/** What a peer table must do, in the simplest way. */
class Model {
  readonly #addresses: string[] = [];
  readonly #uses: number[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #maxPeers: number;
  readonly forgotten: number[] = [];
  #hand = 0;

  constructor(maxPeers: number) {
    this.#maxPeers = maxPeers;
  }

  intern(address: string): number {
    const known = this.#numbers.get(address);
    if (known !== undefined) return known;
    let peer = this.#addresses.length;
    if (peer === this.#maxPeers) {
      const isFree = (_: unknown, i: number): boolean => this.#uses[(this.#hand + i) % peer] === 0;
      const ahead = this.#addresses.findIndex(isFree);
      if (ahead < 0) return -1;
      const victim = (this.#hand + ahead) % peer;
      this.#hand = (victim + 1) % peer;
      this.#numbers.delete(this.#addresses[victim]);
      this.forgotten.push(victim);
      peer = victim;
    } else {
      this.#uses.push(0);
    }
    this.#addresses[peer] = address;
    this.#numbers.set(address, peer);
    return peer;
  }

  get retained(): number {
    return this.#uses.filter((uses) => uses > 0).length;
  }

  use(peer: number, by: number): boolean {
    if (this.#uses[peer] === undefined || this.#uses[peer] + by < 0) return false;
    this.#uses[peer] += by;
    return true;
  }

  address(peer: number): string | undefined {
    return this.#addresses[peer];
  }
}

type Command =
  | { do: "intern"; ip: number; port: number }
  | { do: "retain" | "release"; peer: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("intern" as const), ip: fc.nat(30), port: fc.nat(2) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("retain" as const, "release" as const),
      peer: fc.nat(12),
    }),
  },
);

Deno.test("PeerTable does what a Map would, whatever is interned, retained and forgotten", () => {
  const commands = fc.array(command, { maxLength: 300, size: "max" });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), commands, (maxPeers, seed, list) => {
      const model = new Model(maxPeers);
      const peers = new PeerTable({ maxPeers, seed });
      const forgotten: number[] = [];
      peers.onForget((peer) => void forgotten.push(peer));
      for (const each of list) {
        if (each.do === "intern") {
          const hostname = `10.0.0.${each.ip}`;
          const peer = peers.internAddress(hostname, each.port);
          assertEquals(peer, model.intern(`${hostname} ${each.port}`));
        } else if (model.use(each.peer, each.do === "retain" ? 1 : -1)) {
          peers[each.do](each.peer);
        }
      }
      for (let peer = 0; peer < peers.size; peer++) {
        const { hostname, port } = peers.address(peer);
        assertEquals(`${hostname} ${port}`, model.address(peer));
        assertEquals(peers.internAddress(hostname, port), peer);
      }
      assertEquals(forgotten, model.forgotten);
    }),
  );
});

Deno.test("PeerTable finds every peer again when runs of collisions are broken up", () => {
  // As many peers as the table has without growing, so that many share a run.
  const maxPeers = 512;
  const random = new SeededRandom(9);
  const draw = (limit: number): number => Math.floor(random.next() * limit);
  const peers = new PeerTable({ maxPeers });
  const model = new Model(maxPeers);
  for (let i = 0; i < 30_000; i++) {
    const hostname = `10.0.${draw(4)}.${draw(256)}`;
    const peer = peers.internAddress(hostname, 1);
    assertEquals(peer, model.intern(`${hostname} 1`));
    const isRetained = draw(2) === 0;
    if (isRetained && model.retained < 400 && model.use(peer, 1)) peers.retain(peer);
    const other = draw(maxPeers);
    if (model.use(other, -1)) peers.release(other);
  }
  assertEquals(peers.size, maxPeers);
});
