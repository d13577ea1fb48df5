import { assert, assertEquals } from "@std/assert";
import { MAX_HELD } from "../../modstamp/_commit_queue.ts";
import { ManualStore } from "./manual_store.ts";
import { OUTCAST, SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";
import { change, fromHex, message, packet, query } from "./wire.ts";

Deno.test("RequestHandler counts what it drops and why", async () => {
  using world = await SimulatedServer.start();
  const [writer, stranger] = [await world.peer(WRITER), await world.peer(STRANGER)];
  const outcast = await world.peer(OUTCAST);
  const bad = ["", "0570", "005101026f6b5101056162"];
  for (const hex of bad) writer.send(fromHex(hex));
  const skipped = [
    "0051010662616420696451010b6f6b2e69643a312d325f33",
    "0052010161",
    "0051020161016243010161",
  ];
  for (const hex of skipped) writer.send(fromHex(hex));
  stranger.send(change("a", "1"));
  outcast.send(query("a"));
  writer.send(fromHex("01785101026f6b"));
  writer.send(fromHex("05616e6f6e655101026f6b"));
  await world.settle();
  assertEquals(world.counted, {
    packets: 10,
    malformed: 3,
    skipped: 4,
    forbidden: 1,
    unauthorized: 3,
    queries: 1,
    subscriptions: 1,
    ids: 1,
    peers: 3,
  });
  assertEquals(writer.takeTexts(), ["reply ok.id:1-2_3="]);
  assertEquals([...stranger.take(), ...outcast.take()], []);
});

Deno.test("RequestHandler answers queries beyond maxSubscriptions, but doesn't subscribe", async () => {
  using world = await SimulatedServer.start({ maxSubscriptions: 2 });
  const [writer, first] = [await world.peer(WRITER), await world.peer(STRANGER)];
  const second = await world.peer(STRANGER);
  writer.send(change("a", "1"));
  await world.settle();
  first.send(query("a", "b"));
  await world.settle();
  second.send(query("a", "c"));
  await world.settle();
  assertEquals(second.takeTexts(), ["reply a=1", "reply c="]);
  writer.send(change("a", "2"));
  await world.settle();
  assertEquals(first.takeTexts(), ["reply a=1", "reply b=", "signal a=2"]);
  assertEquals(second.takeTexts(), []);
  const { subscriptions, unsubscribed, ids } = world.server.stats();
  assertEquals([subscriptions, unsubscribed, ids], [2, 2, 2]);
});

Deno.test("RequestHandler subscribes a peer to no more than maxSubscriptionsPerPeer", async () => {
  using world = await SimulatedServer.start({ maxSubscriptionsPerPeer: 2 });
  const [first, second] = [await world.peer(STRANGER), await world.peer(STRANGER)];
  first.send(query("a", "b", "c", "a"));
  second.send(query("c"));
  await world.settle();
  assertEquals(first.takeTexts().length, 4);
  const { subscriptions, unsubscribed } = world.server.stats();
  assertEquals([subscriptions, unsubscribed], [3, 1]);
});

Deno.test("RequestHandler holds no more than maxIds", async () => {
  using world = await SimulatedServer.start({ maxIds: 2 });
  const writer = await world.peer(WRITER);
  writer.send(packet(...["a", "b", "c"].map((id) => message("change", id, "1"))));
  writer.send(query("c"));
  await world.settle();
  assertEquals(writer.takeTexts(), ["reply c=", "confirm a=1", "confirm b=1"]);
  const { ids, overloaded, unsubscribed } = world.server.stats();
  assertEquals([ids, overloaded, unsubscribed], [2, 1, 1]);
  writer.send(change("a", ""));
  await world.settle();
  writer.send(change("c", "1"));
  await world.settle();
  assertEquals(writer.takeTexts(), ["confirm a=", "confirm c=1"]);
});

Deno.test("RequestHandler deletes what does not exist and keeps no id for it", async () => {
  using world = await SimulatedServer.start();
  const writer = await world.peer(WRITER);
  for (let i = 0; i < 100; i++) writer.send(change(`${i}`, ""));
  await world.settle();
  assertEquals(writer.takeTexts().length, 100);
  assertEquals(world.server.stats().ids, 0);
});

Deno.test("RequestHandler drops packets of peers beyond maxPeers while all are subscribed", async () => {
  using world = await SimulatedServer.start({ maxPeers: 2 });
  const peers = [
    await world.peer(STRANGER),
    await world.peer(STRANGER),
    await world.peer(STRANGER),
  ];
  for (const peer of peers) {
    peer.send(query("a"));
    await world.settle();
  }
  assertEquals(peers.map((peer) => peer.take().length), [1, 1, 0]);
  assertEquals(world.server.stats().overloaded, 1);
});

Deno.test("RequestHandler serves strangers maxPacketsPerSecond packets a second", async () => {
  using world = await SimulatedServer.start({ maxPacketsPerSecond: 10 });
  const [stranger, other] = [await world.peer(STRANGER), await world.peer(STRANGER)];
  const writer = await world.peer(WRITER);
  for (let i = 0; i < 15; i++) {
    for (const peer of [stranger, writer]) peer.send(query("a"));
  }
  other.send(query("a"));
  await world.settle();
  assertEquals([stranger, other, writer].map((peer) => peer.take().length), [10, 1, 15]);
  assertEquals(world.server.stats().packetsLimited, 5);
  await world.network.advance(500);
  for (let i = 0; i < 10; i++) stranger.send(query("a"));
  await world.settle();
  assertEquals(stranger.take().length, 5);
});

Deno.test("RequestHandler sends strangers maxBytesPerSecond bytes a second", async () => {
  using world = await SimulatedServer.start({ maxBytesPerSecond: 2600 });
  const [stranger, other] = [await world.peer(STRANGER), await world.peer("203.0.113.6")];
  const writer = await world.peer(WRITER);
  writer.send(change("a", "x".repeat(250)));
  await world.settle();
  writer.take();
  for (let i = 0; i < 20; i++) {
    for (const peer of [stranger, other, writer]) peer.send(query("a"));
  }
  await world.settle();
  const received = [stranger, other, writer].map((peer) => peer.take().length);
  // A reply has 256 bytes.
  assertEquals(received, [10, 10, 20]);
  assertEquals(world.server.stats().bytesLimited, 20);
});

Deno.test("RequestHandler counts signals to strangers too", async () => {
  using world = await SimulatedServer.start({ maxBytesPerSecond: 2600 });
  const [writer, stranger] = [await world.peer(WRITER), await world.peer(STRANGER)];
  stranger.send(query("a"));
  for (let i = 0; i < 20; i++) {
    writer.send(change("a", `${i}`.padEnd(250)));
    await world.network.advance(1);
  }
  await world.settle();
  const { signals, bytesLimited } = world.server.stats();
  assertEquals([signals, bytesLimited], [10, 10]);
  assertEquals(stranger.take().length, 11);
});

Deno.test("RequestHandler drops changes when too many replies wait for the store", async () => {
  const store = new ManualStore();
  using world = await SimulatedServer.start({ store });
  const [writer, reader] = [await world.peer(WRITER), await world.peer(STRANGER)];
  for (let i = 0; i < MAX_HELD + 51; i++) {
    writer.send(change("a", `${i}`));
    if (i % 500 === 0) await world.settle();
  }
  await world.settle();
  const { changes, overloaded } = world.server.stats();
  assertEquals(changes + overloaded, MAX_HELD + 51);
  assert(overloaded >= 49 && overloaded <= 50, "a first commit is under way, the rest waits");
  reader.send(query("a"));
  await world.settle();
  assertEquals(reader.takeTexts(), ["reply a="], "queries are served meanwhile");
  for (let i = 0; i < 2; i++) {
    store.succeed();
    await world.settle();
  }
  assertEquals(writer.take().length, changes);
});

Deno.test("RequestHandler counts replies that the outbox can't take", async () => {
  using world = await SimulatedServer.start();
  world.network.setFaults({ mtu: 65_507 });
  const writer = await world.peer(WRITER);
  writer.send(change("a", "x".repeat(255)));
  await world.settle();
  writer.take();
  writer.send(query(...Array.from({ length: 10_000 }, () => "a")));
  await world.settle();
  const packets = writer.take();
  assert(packets.length > 50 && packets.every((each) => each.length <= 1300));
  assert(world.server.stats().outboxFull > 0);
  writer.send(query("a"));
  await world.settle();
  assertEquals(writer.take().length, 1);
});
