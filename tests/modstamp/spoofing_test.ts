import { assert, assertEquals } from "@std/assert";
import type { SimulatedPeer } from "./simulated_peer.ts";
import { SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";
import { change, query } from "./wire.ts";

/** What the defaults promise for a forged address and port, and for all ports of an address. */
const BYTES_PER_SECOND = 131_072;
const BYTES_PER_HOST = 1_048_576;

/** The most that may be received in some seconds: a burst of one second's worth, and the rate. */
function bound(bytesPerSecond: number, seconds: number): number {
  return bytesPerSecond * (1 + seconds);
}

function bytesOf(peers: SimulatedPeer[]): number {
  return peers.flatMap((peer) => peer.take()).reduce((sum, { length }) => sum + length, 0);
}

/** A server with a value as long as can be. */
async function startWithLongValue(): Promise<SimulatedServer> {
  const world = await SimulatedServer.start();
  const writer = await world.peer(WRITER);
  writer.send(change("x", "v".repeat(255)));
  await world.settle();
  return world;
}

/**
 * Floods the server with the packets that are answered by the most bytes. That
 * they are forged makes no difference to the server: those they name get the
 * replies.
 */
async function flood(
  world: SimulatedServer,
  victims: SimulatedPeer[],
  seconds: number,
): Promise<{ sent: number; received: number }> {
  const greedy = query(...Array.from({ length: 324 }, () => "x"));
  let sent = 0;
  for (let tick = 0; tick < seconds * 100; tick++) {
    for (const victim of victims) {
      victim.send(greedy);
      sent += greedy.length;
    }
    await world.network.advance(10);
  }
  await world.settle();
  return { sent, received: bytesOf(victims) };
}

Deno.test("ModstampServer sends a forged address and port no more than it promises", async () => {
  using world = await startWithLongValue();
  const victim = await world.peer(STRANGER);
  const seconds = 5;
  const { sent, received } = await flood(world, [victim], seconds);
  assert(sent > 600_000);
  assert(received <= bound(BYTES_PER_SECOND, seconds + 0.02), `${received} bytes`);
  assert(received > BYTES_PER_SECOND * seconds * 0.9, "the bound is what holds it back");
});

Deno.test("ModstampServer sends all forged ports of an address no more than it promises", async () => {
  using world = await startWithLongValue();
  const victims = await Promise.all(Array.from({ length: 30 }, () => world.peer(STRANGER)));
  const seconds = 2;
  const { received } = await flood(world, victims, seconds);
  assert(received <= bound(BYTES_PER_HOST, seconds + 0.02), `${received} bytes`);
  assert(received > BYTES_PER_HOST * seconds * 0.9, "the bound is what holds it back");
});

Deno.test("ModstampServer sends a forged subscriber no more signals than it promises", async () => {
  using world = await SimulatedServer.start();
  const [writer, victim] = [await world.peer(WRITER), await world.peer(STRANGER)];
  for (let i = 0; i < 1000; i += 200) {
    victim.send(query(...Array.from({ length: 200 }, (_, j) => `${i + j}`)));
  }
  await world.settle();
  assertEquals(world.server.stats().subscriptions, 1000);
  const start = world.network.now;
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < 1000; i++) writer.send(change(`${i}`, `${round}`.repeat(255)));
    await world.network.advance(100);
  }
  const seconds = (world.network.now - start) / 1000;
  const received = bytesOf([victim]);
  assert(received <= bound(BYTES_PER_SECOND, seconds + 0.02), `${received} bytes`);
  assert(world.server.stats().bytesLimited > 0);
});

Deno.test("ModstampServer stops sending to a forged subscriber after 300 s", async () => {
  using world = await SimulatedServer.start();
  const [writer, victim] = [await world.peer(WRITER), await world.peer(STRANGER)];
  victim.send(query("x"));
  await world.network.advance(302_000);
  victim.take();
  writer.send(change("x", "1"));
  await world.settle();
  assertEquals(victim.take(), []);
});

/** How many bytes come back for each byte of one packet that asks for an id as often as it can. */
async function amplification(id: string, value: string): Promise<number> {
  using world = await SimulatedServer.start();
  const [writer, victim] = [await world.peer(WRITER), await world.peer(STRANGER)];
  writer.send(change(id, value));
  await world.settle();
  const packet = query(...Array.from({ length: Math.floor(1297 / (3 + id.length)) }, () => id));
  victim.send(packet);
  await world.settle();
  return bytesOf([victim]) / packet.length;
}

Deno.test("ModstampServer amplifies a forged query by 65 at most", async () => {
  const worst = await amplification("x", "v".repeat(255));
  assert(worst > 60 && worst <= 65.1, `${worst}`);
  const usual = await amplification("an-id-of", "a-usual-modstamp");
  assert(usual > 2 && usual < 2.6, `${usual}`);
});
