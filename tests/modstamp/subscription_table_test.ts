import { assert, assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { SeededRandom } from "../../loop/mod.ts";
import {
  type SubscriberCursor,
  SubscriptionTable,
  type SubscriptionTableOptions,
} from "../../modstamp/_subscription_table.ts";
import { memoryInUse } from "./memory.ts";

const TTL_MS = 1000;

function makeTable(options: Partial<SubscriptionTableOptions> = {}): SubscriptionTable {
  return new SubscriptionTable({
    maxSubscriptions: 1_000_000,
    maxPerPeer: 1000,
    ttlMs: TTL_MS,
    onRemove() {},
    ...options,
  });
}

/** All subscribers that a cursor comes to, as `peer route`. */
function drain(cursor: SubscriberCursor): string[] {
  const subscribers: string[] = [];
  for (; !cursor.done; cursor.advance()) subscribers.push(`${cursor.peer} ${cursor.route}`);
  return subscribers;
}

interface Subscription {
  id: number;
  peer: number;
  route: number;
  renewedAt: number;
}

/** A cursor, and what it has to come to, unless that goes before. */
interface Traversal {
  cursor: SubscriberCursor;
  id: number;
  expected: Set<string>;
  visited: Set<string>;
}

/** The table by the book: a Map in order of renewal. */
class Model {
  readonly subscriptions = new Map<string, Subscription>();
  readonly table: SubscriptionTable;
  readonly #options: { maxSubscriptions: number; maxPerPeer: number };
  readonly #removed: string[] = [];
  readonly #traversals = new Set<Traversal>();

  constructor(options: { maxSubscriptions: number; maxPerPeer: number }) {
    this.#options = options;
    this.table = makeTable({
      ...options,
      onRemove: (peer, id) => void this.#removed.push(`${id} ${peer}`),
    });
  }

  of(id: number): string[] {
    return [...this.subscriptions.values()].filter((each) => each.id === id)
      .map(({ peer, route }) => `${peer} ${route}`);
  }

  renew(each: Subscription): void {
    const key = `${each.id} ${each.peer} ${each.route}`;
    const count = [...this.subscriptions.values()].filter(({ peer }) => peer === each.peer).length;
    let expected = "renewed";
    if (!this.subscriptions.has(key)) {
      if (this.subscriptions.size >= this.#options.maxSubscriptions) expected = "full";
      else if (count >= this.#options.maxPerPeer) expected = "peerFull";
      else expected = "added";
    }
    assertEquals(this.table.renew(each.id, each, each.renewedAt), expected);
    if (expected === "full" || expected === "peerFull") return;
    this.subscriptions.delete(key);
    this.subscriptions.set(key, each);
  }

  expire(now: number, max: number): void {
    const due = [...this.subscriptions].filter(([, each]) => now - each.renewedAt >= TTL_MS);
    const gone = due.slice(0, max);
    assertEquals(this.table.expire(now, max), due.length > max);
    for (const [key, { id, peer, route }] of gone) {
      this.subscriptions.delete(key);
      for (const traversal of this.#traversals) {
        if (traversal.id === id) traversal.expected.delete(`${peer} ${route}`);
      }
    }
    assertEquals(this.#removed.splice(0), gone.map(([, { id, peer }]) => `${id} ${peer}`));
  }

  begin(id: number): void {
    const expected = new Set(this.of(id));
    const cursor = this.table.cursor(id);
    this.#traversals.add({ cursor, id, expected, visited: new Set() });
  }

  step(): void {
    for (const { cursor, id, expected, visited } of this.#traversals) {
      if (cursor.done) {
        assertEquals([...expected].filter((each) => !visited.has(each)), []);
        continue;
      }
      const here = `${cursor.peer} ${cursor.route}`;
      assert(this.of(id).includes(here), "comes to who is there");
      assertFalse(visited.has(here), "comes to nobody twice");
      visited.add(here);
      cursor.advance();
    }
    for (const each of this.#traversals) if (each.cursor.done) this.#traversals.delete(each);
  }

  check(ids: number, peers: number): void {
    assertEquals(this.table.count, this.subscriptions.size);
    for (let id = 0; id < ids; id++) {
      const expected = this.of(id);
      assertEquals(this.table.has(id), expected.length > 0);
      assertEquals(drain(this.table.cursor(id)).sort(), expected.sort());
    }
    for (let peer = 0; peer < peers; peer++) {
      const all = [...this.subscriptions.values()];
      assertEquals(this.table.countOf(peer), all.filter((each) => each.peer === peer).length);
    }
  }
}

Deno.test("SubscriptionTable does what a Map in order of renewal would", () => {
  const size = fc.record({ ids: fc.constantFrom(1, 8, 300), peers: fc.constantFrom(3, 40, 300) });
  fc.assert(
    fc.property(fc.nat(), size, (seed, { ids, peers }) => {
      const random = new SeededRandom(seed);
      const pick = (below: number): number => Math.floor(random.next() * below);
      const model = new Model({ maxSubscriptions: 60, maxPerPeer: 7 });
      // Close to where 32-bit milliseconds wrap around.
      let now = 2 ** 31 - 3000;
      for (let step = 0; step < 600; step++) {
        const what = pick(10);
        now += pick(60);
        const subscriber = { peer: pick(peers), route: pick(2) };
        if (what < 6) model.renew({ id: pick(ids), ...subscriber, renewedAt: now });
        else if (what < 7) model.expire(now, pick(20));
        else if (what < 8) model.begin(pick(ids));
        else model.step();
      }
      model.check(ids, peers);
      model.expire(now + TTL_MS, 1000);
      for (let i = 0; i < 100; i++) model.step();
      model.check(ids, peers);
      assertEquals(model.table.count, 0);
    }),
    { numRuns: 60 },
  );
});

Deno.test("SubscriptionTable.expire() removes at the end of the time and not before", () => {
  const removed: number[] = [];
  const table = makeTable({ onRemove: (peer) => void removed.push(peer) });
  for (let peer = 0; peer < 5; peer++) table.renew(1, { peer, route: 0 }, 100 + peer);
  table.renew(1, { peer: 0, route: 0 }, 200);
  assertFalse(table.expire(100 + TTL_MS, 10));
  assertEquals(removed, []);
  assertFalse(table.expire(101 + TTL_MS, 10));
  assertEquals(removed, [1]);
  assert(table.expire(300 + TTL_MS, 2));
  assertEquals(removed, [1, 2, 3]);
  assertFalse(table.expire(300 + TTL_MS, 2));
  assertEquals(removed, [1, 2, 3, 4, 0]);
});

Deno.test("SubscriptionTable.renew() keeps each way of a peer apart", () => {
  const table = makeTable();
  assertEquals(table.renew(1, { peer: 7, route: 0 }, 0), "added");
  assertEquals(table.renew(1, { peer: 7, route: 1 }, 0), "added");
  assertEquals(table.renew(1, { peer: 7, route: 0 }, 0), "renewed");
  assertEquals(drain(table.cursor(1)).sort(), ["7 0", "7 1"]);
});

Deno.test("SubscriptionTable.cursor() goes on when the current subscriber and the next one go", () => {
  const table = makeTable();
  for (let peer = 0; peer < 4; peer++) table.renew(1, { peer, route: 0 }, 0);
  for (let peer = 0; peer < 2; peer++) table.renew(1, { peer, route: 0 }, 50);
  const cursor = table.cursor(1);
  assertEquals(cursor.peer, 3);
  table.expire(TTL_MS, 10);
  assertEquals(drain(cursor), ["1 0", "0 0"]);
});

Deno.test("SubscriptionTable.cursor() ends when the last subscriber goes, and on demand", () => {
  const table = makeTable();
  table.renew(1, { peer: 1, route: 0 }, 0);
  const [cursor, ended] = [table.cursor(1), table.cursor(1)];
  ended.end();
  assert(ended.done);
  assertFalse(cursor.done);
  table.expire(TTL_MS, 10);
  assert(cursor.done);
  assert(table.cursor(1).done);
  assert(table.cursor(1_000_000).done);
});

Deno.test("SubscriptionTable takes at most 100 bytes a subscription when there are a million", () => {
  const before = memoryInUse();
  const table = makeTable({ maxSubscriptions: 1_000_000, maxPerPeer: 1 });
  for (let peer = 0; peer < 1_000_000; peer++) {
    assertEquals(table.renew(peer % 1000, { peer, route: 0 }, 0), "added");
  }
  assertEquals(table.renew(0, { peer: 1_000_000, route: 0 }, 0), "full");
  const after = memoryInUse();
  const bytes = after.buffers - before.buffers + after.heap - before.heap;
  assertEquals(table.count, 1_000_000);
  assert(bytes <= 100 * table.count, `${bytes / table.count} bytes a subscription`);
});
