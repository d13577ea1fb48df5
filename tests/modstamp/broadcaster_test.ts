import { assert, assertEquals } from "@std/assert";
import { type DatagramSocket, EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { Broadcaster, type BroadcasterOptions } from "../../modstamp/_broadcaster.ts";
import { MAX_HELD } from "../../modstamp/_commit_queue.ts";
import { SubscriptionTable } from "../../modstamp/_subscription_table.ts";
import { ValueTable } from "../../modstamp/_value_table.ts";

const TTL_MS = 10_000;
/** Most signals an iteration of the loop queues. */
const CHUNK = 128;

interface Setup extends Disposable {
  network: SimulatedNetwork;
  loop: EventLoop;
  socket: DatagramSocket;
  values: ValueTable;
  subscriptions: SubscriptionTable;
  broadcaster: Broadcaster;
  /** The lengths of the datagrams sent to each port; tests tell packets by their length. */
  sent: Map<number, number[]>;
  /** How many signals each iteration of the loop queued. */
  paces: Map<number, number>;
}

async function start(options: Partial<BroadcasterOptions> = {}): Promise<Setup> {
  const sent = new Map<number, number[]>();
  const network = new SimulatedNetwork({
    seed: 1,
    onEvent: ({ what, to, length }) => {
      if (what !== "sent") return;
      const port = Number(to.split(" ")[1]);
      sent.set(port, [...sent.get(port) ?? [], length]);
    },
  });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const socket = await loop.bindDatagram({ onBatch() {} });
  const values = new ValueTable({ maxIds: 100, seed: 1 });
  const subscriptions = new SubscriptionTable({
    maxSubscriptions: 100_000,
    maxPerPeer: 10,
    ttlMs: TTL_MS,
    onRemove: (_, id) => values.unuse(id),
  });
  const paces = new Map<number, number>();
  const broadcaster = new Broadcaster({
    loop,
    socket,
    values,
    subscriptions,
    repeat: 1,
    repeatDelayMs: 100,
    protect: () => null,
    admit: () => true,
    onSignal: () => {
      const { iterations } = loop.stats();
      paces.set(iterations, (paces.get(iterations) ?? 0) + 1);
    },
    ...options,
  });
  const end = (): void => network.close();
  return {
    network,
    loop,
    socket,
    values,
    subscriptions,
    broadcaster,
    sent,
    paces,
    [Symbol.dispose]: end,
  };
}

/** Subscribes `count` peers, with ports from `first` on, and answers the id's number. */
function subscribe(setup: Setup, name: string, count: number, first = 1): number {
  const id = setup.values.ids.intern(name);
  for (let port = first; port < first + count; port++) {
    const peer = setup.socket.peers.internAddress("10.0.0.2", port);
    setup.socket.peers.retain(peer);
    assertEquals(setup.subscriptions.renew(id, { peer, route: 0 }, setup.loop.now()), "added");
    setup.values.use(id);
  }
  return id;
}

function packet(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length);
}

/** What `count` peers are sent when all are sent the same. */
function each(count: number, lengths: number[], first = 1): Map<number, number[]> {
  return new Map(Array.from({ length: count }, (_, i) => [first + i, lengths]));
}

function sorted<T>(map: Map<number, T>): Map<number, T> {
  return new Map([...map].sort(([a], [b]) => a - b));
}

Deno.test("Broadcaster.start() sends to the subscribers of the id and nobody else", async () => {
  using setup = await start();
  const id = subscribe(setup, "a", 10);
  subscribe(setup, "b", 10, 50);
  setup.broadcaster.start(id, packet(20));
  await setup.network.settled();
  assertEquals(sorted(setup.sent), each(10, [20]));
  assertEquals(setup.broadcaster.active, 0);
});

Deno.test("Broadcaster.start() sends to 10,000 in chunks, so that others get their turn", async () => {
  using setup = await start();
  const id = subscribe(setup, "a", 10_000);
  setup.broadcaster.start(id, packet(20));
  let turns = 0;
  const takeTurn = (): void => {
    turns++;
    if (setup.broadcaster.active > 0) setup.loop.callSoon(takeTurn);
  };
  setup.loop.callSoon(takeTurn);
  await setup.network.settled();
  assertEquals(sorted(setup.sent), each(10_000, [20]));
  assert(Math.max(...setup.paces.values()) <= CHUNK);
  assert(turns >= Math.floor(10_000 / CHUNK), "other callbacks ran in between");
});

Deno.test("Broadcaster.start() shares the time among ids", async () => {
  using setup = await start();
  const ids = [subscribe(setup, "a", 600), subscribe(setup, "b", 600, 1000)];
  for (const id of ids) setup.broadcaster.start(id, packet(20 + id));
  await setup.network.settled();
  const expected = new Map([...each(600, [20 + ids[0]!]), ...each(600, [20 + ids[1]!], 1000)]);
  assertEquals(sorted(setup.sent), expected);
  assert(Math.max(...setup.paces.values()) <= CHUNK);
});

Deno.test("Broadcaster.start() replaces an older signal of the id that is under way", async () => {
  using setup = await start();
  const id = subscribe(setup, "a", 2000);
  setup.broadcaster.start(id, packet(20));
  setup.loop.callSoon(() => setup.broadcaster.start(id, packet(30)));
  await setup.network.settled();
  let replaced = 0;
  for (const lengths of setup.sent.values()) {
    assertEquals(lengths.at(-1), 30, "everybody gets the newer one last");
    assert(lengths.length <= 2);
    if (lengths.length === 1) replaced++;
  }
  assertEquals(setup.sent.size, 2000);
  assert(replaced >= 2000 - 2 * CHUNK, "most are spared the older one");
});

Deno.test("Broadcaster repeats a signal as often as it is told", async () => {
  using setup = await start({ repeat: 3 });
  const id = subscribe(setup, "a", 5);
  setup.broadcaster.start(id, packet(20));
  await setup.network.advance(99);
  assertEquals(sorted(setup.sent), each(5, [20]));
  await setup.network.advance(2);
  assertEquals(sorted(setup.sent), each(5, [20, 20]));
  await setup.network.advance(1000);
  assertEquals(sorted(setup.sent), each(5, [20, 20, 20]));
});

Deno.test("Broadcaster repeats a newer signal instead of an older one", async () => {
  using setup = await start({ repeat: 2 });
  const id = subscribe(setup, "a", 1);
  setup.broadcaster.start(id, packet(20));
  await setup.network.advance(50);
  setup.broadcaster.start(id, packet(30));
  await setup.network.advance(1000);
  assertEquals(setup.sent.get(1), [20, 30, 30]);
});

Deno.test("Broadcaster keeps the number of an id whose signal it will repeat", async () => {
  using setup = await start({ repeat: 2 });
  const id = subscribe(setup, "a", 1);
  setup.broadcaster.start(id, packet(20));
  setup.subscriptions.expire(TTL_MS, 10);
  assertEquals(setup.values.ids.findName("a"), id);
  const other = subscribe(setup, "b", 1, 2);
  assert(other !== id);
  await setup.network.advance(1000);
  assertEquals(sorted(setup.sent), each(1, [20]));
  assertEquals(setup.values.ids.findName("a"), -1, "the number is free in the end");
});

Deno.test("Broadcaster.cancel() gives up a signal and its repetition", async () => {
  using setup = await start({ repeat: 2 });
  const [a, b] = [subscribe(setup, "a", 2 * CHUNK), subscribe(setup, "b", 1, 2000)];
  setup.broadcaster.start(b, packet(20));
  setup.broadcaster.start(a, packet(30));
  setup.broadcaster.cancel(a);
  setup.broadcaster.cancel(b);
  setup.broadcaster.cancel(99);
  assertEquals(setup.broadcaster.active, 0);
  await setup.network.advance(1000);
  assert(setup.sent.size <= CHUNK + 1);
  assertEquals(setup.sent.get(2000), [20]);
});

Deno.test("Broadcaster leaves room in the outbox to replies, and goes on when it is sent", async () => {
  using setup = await start();
  const id = subscribe(setup, "a", 100);
  const { outbox, peers } = setup.socket;
  const peer = peers.internAddress("10.0.0.3", 9999);
  while (outbox.room > MAX_HELD + 40) outbox.send(peer, packet(1));
  setup.broadcaster.start(id, packet(20));
  assertEquals(outbox.room, MAX_HELD, "the rest is for replies");
  assertEquals(setup.broadcaster.active, 1);
  setup.sent.clear();
  await setup.network.settled();
  setup.sent.delete(9999);
  assertEquals(sorted(setup.sent), each(100, [20]));
});

Deno.test("Broadcaster goes on when subscribers go while a signal is under way", async () => {
  using setup = await start();
  const id = subscribe(setup, "a", 1000);
  await setup.network.advance(1000);
  subscribe(setup, "a", 1000, 2000);
  setup.broadcaster.start(id, packet(20));
  setup.loop.callSoon(() => void setup.subscriptions.expire(TTL_MS, 1000));
  await setup.network.settled();
  for (let port = 2000; port < 3000; port++) assertEquals(setup.sent.get(port), [20]);
  assertEquals(setup.broadcaster.active, 0);
});

Deno.test("Broadcaster sends each peer what protect() gives, if admit() lets it", async () => {
  const asked: number[] = [];
  using setup = await start({
    protect: (_route, peer, body) => peer % 2 === 0 ? null : new Uint8Array(body.length + 30),
    admit: (_route, _peer, bytes) => asked.push(bytes) !== 3,
  });
  const id = subscribe(setup, "a", 4);
  setup.broadcaster.start(id, packet(20));
  await setup.network.settled();
  assertEquals(asked, [49, 20, 49, 20], "the latest subscriber first");
  assertEquals([...setup.sent.values()].flat(), [49, 20, 20]);
  assertEquals([...setup.paces.values()], [3]);
});

Deno.test("Broadcaster.close() sends nothing any more", async () => {
  using setup = await start({ repeat: 3 });
  const [a, b] = [subscribe(setup, "a", 2 * CHUNK), subscribe(setup, "b", 1, 2000)];
  setup.broadcaster.start(b, packet(20));
  setup.broadcaster.start(a, packet(30));
  setup.broadcaster.close();
  setup.broadcaster.start(b, packet(40));
  await setup.network.advance(1000);
  assert(setup.sent.size <= CHUNK + 1);
  assertEquals(setup.sent.get(2000), [20]);
});
