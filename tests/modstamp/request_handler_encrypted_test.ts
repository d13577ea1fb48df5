import { assert, assertEquals } from "@std/assert";
import type { SimulatedNetworkOptions } from "../../loop/mod.ts";
import type { ModstampServerOptions } from "../../modstamp/mod.ts";
import { EncryptedPeer, KEY, SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";
import { change, message, packet, query } from "./wire.ts";

const REPLY = packet(message("reply", "a"));

function signal(value: string): Uint8Array {
  return packet(message("signal", "a", value));
}

/** A server and a peer that shares the key `office` with it. */
async function start(
  options: ModstampServerOptions = {},
  network: Partial<SimulatedNetworkOptions> = {},
): Promise<{ world: SimulatedServer; office: EncryptedPeer }> {
  const world = await SimulatedServer.start(options, network);
  const office = new EncryptedPeer(await world.peer(STRANGER), { keyId: "office" });
  return { world, office };
}

Deno.test("RequestHandler serves encrypted peers as the profile says", async () => {
  const { world, office } = await start();
  using _world = world;
  const guest = new EncryptedPeer(await world.peer(STRANGER), { keyId: "guest" });
  guest.send(query("a"));
  await world.settle();
  office.send(change("a", "1"));
  guest.send(change("a", "2"));
  await world.settle();
  assertEquals(office.take(), [packet(message("confirm", "a", "1"))]);
  assertEquals(guest.take(), [REPLY, signal("1")]);
  assertEquals(world.server.stats().forbidden, 1);
});

Deno.test("RequestHandler gives those with a wrong key nothing", async () => {
  const { world } = await start();
  using _world = world;
  const key = KEY.map((byte) => byte + 1);
  const thief = new EncryptedPeer(await world.peer(STRANGER), { keyId: "office", key });
  const stray = new EncryptedPeer(await world.peer(STRANGER), { keyId: "unknown" });
  for (const peer of [thief, stray]) peer.send(change("a", "1"));
  await world.settle();
  assertEquals([...thief.peer.take(), ...stray.peer.take()], []);
  assertEquals(world.counted, { packets: 2, forged: 1, unauthorized: 1, peers: 2 });
});

Deno.test("RequestHandler drops and counts replayed, forged, truncated and stale packets", async () => {
  const { world, office } = await start();
  using _world = world;
  const sent = office.send(change("a", "1"));
  await world.settle();
  office.send(change("a", "2"));
  await world.settle();
  const attacker = await world.peer("203.0.113.99");
  attacker.send(sent);
  attacker.send(sent.with(sent.length - 20, sent.at(-20)! ^ 1));
  attacker.send(sent.subarray(0, 40));
  await world.settle();
  await world.network.advance(300_000);
  attacker.send(sent);
  await world.settle();
  const { replayed, forged, truncated, stale } = world.server.stats().refused;
  assertEquals([replayed, forged, truncated, stale], [1, 1, 1, 1]);
  assertEquals(world.server.value("a"), Uint8Array.of(0x32));
  assertEquals(attacker.take(), []);
});

Deno.test("RequestHandler refuses what was sent before the server started", async () => {
  const { world, office } = await start();
  using _world = world;
  const sent = office.send(change("a", "1"));
  await world.settle();
  world.host.crash();
  await world.network.advance(1000);
  await world.restart();
  const attacker = await world.peer("203.0.113.99");
  attacker.send(sent);
  await world.settle();
  assertEquals(world.server.stats().refused.stale, 1);
  assertEquals(world.server.value("a"), undefined);
});

Deno.test("RequestHandler sends encrypted subscribers nothing in plain", async () => {
  const { world, office } = await start();
  using _world = world;
  const writer = await world.peer(WRITER);
  office.send(query("a"));
  await world.settle();
  writer.send(change("a", "1"));
  await world.settle();
  assertEquals(office.take(), [REPLY, signal("1")]);
});

Deno.test("RequestHandler keeps signals encrypted when a plain query is forged", async () => {
  const { world, office } = await start();
  using _world = world;
  const writer = await world.peer(WRITER);
  office.send(query("a"));
  office.peer.send(query("a"));
  await world.settle();
  assertEquals(office.take(), [REPLY, null]);
  writer.send(change("a", "1"));
  await world.settle();
  const received = office.take();
  assertEquals(received.length, 2, "each way its own");
  assert(received.some((each) => each !== null));
});

Deno.test("RequestHandler follows a client that starts a session of its own", async () => {
  const { world, office } = await start();
  using _world = world;
  const writer = await world.peer(WRITER);
  office.send(query("a"));
  await world.settle();
  assertEquals(office.take(), [REPLY]);
  const again = new EncryptedPeer(office.peer, { keyId: "office" });
  again.send(query("a"));
  await world.settle();
  assertEquals(again.take(), [REPLY]);
  writer.send(change("a", "1"));
  await world.settle();
  assertEquals(again.take(), [signal("1")]);
});

Deno.test("RequestHandler limits the decryptions that a stranger can cause", async () => {
  const { world, office } = await start({ maxPacketsPerSecond: 10 });
  using _world = world;
  const key = KEY.map((byte) => byte + 1);
  const attacker = new EncryptedPeer(await world.peer("203.0.113.99"), { keyId: "office", key });
  for (let i = 0; i < 100; i++) attacker.send(query("a"));
  office.send(query("a"));
  await world.settle();
  const { refused, packetsLimited } = world.server.stats();
  assertEquals([refused.forged, packetsLimited], [10, 90]);
  for (let i = 0; i < 100; i++) office.send(query("a"));
  await world.settle();
  assertEquals(office.take().length, 101, "who is known is not limited");
});

Deno.test("RequestHandler keeps the values of encrypted changes apart from their packets", async () => {
  const { world, office } = await start();
  using _world = world;
  office.send(packet(message("change", "a", "1"), message("change", "b", "2".repeat(255))));
  await world.settle();
  assertEquals(world.server.value("a"), Uint8Array.of(0x31));
  assertEquals(world.server.value("b"), new Uint8Array(255).fill(0x32));
});

Deno.test("RequestHandler fills encrypted packets up to packetBytes", async () => {
  const { world, office } = await start();
  using _world = world;
  const ids = Array.from({ length: 120 }, (_, i) => `${i}`.padStart(20, "x"));
  office.send(query(...ids.slice(0, 60)));
  office.send(query(...ids.slice(60)));
  await world.settle();
  const packets = office.peer.packets.map((each) => each.length);
  assertEquals(packets.length, 4);
  assert(packets.every((length) => length <= 1300), `${packets}`);
  assert(office.take().every((each) => each !== null));
});
