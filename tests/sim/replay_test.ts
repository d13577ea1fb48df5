import { assertEquals, assertNotEquals } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import { forEachSeed } from "./for_each_seed.ts";

/** What a run has shown to those outside. */
interface Outcome {
  digest: string;
  log: string[];
}

/** Clients behind a NAT gossip through a server that crashes, on a bad network. */
async function gossip(seed: number): Promise<Outcome> {
  using network = new SimulatedNetwork({
    seed,
    faults: { loss: 0.2, duplicate: 0.1, reorder: 0.2, maxDelayMs: 40 },
  });
  const log: string[] = [];
  const server = network.host("10.0.0.1");
  const serve = async (): Promise<void> => {
    const loop = new EventLoop({ poller: server.poller() });
    const peers = new Set<number>();
    await loop.bindDatagram({
      port: 1415,
      onBatch(batch, socket) {
        for (let i = 0; i < batch.count; i++) {
          peers.add(batch.peer(i));
          const bytes = batch.bytes.slice(batch.start(i), batch.end(i));
          for (const peer of peers) socket.send(peer, bytes);
        }
      },
    });
  };
  await serve();
  const nat = network.nat("203.0.113.1", { rebind: 0.02, idleMs: 5000 });
  for (let i = 0; i < 5; i++) {
    const loop = new EventLoop({ poller: nat.host(`192.168.0.${i + 2}`).poller() });
    const socket = await loop.bindDatagram({
      onBatch(batch) {
        log.push(`${i} at ${loop.now()}: ${batch.count} ${batch.bytes[batch.start(0)]}`);
      },
    });
    const peer = socket.peers.internAddress("10.0.0.1", 1415);
    loop.every(100 + i, () => void socket.send(peer, loop.random.bytes(4)));
  }
  await network.advance(2000);
  server.crash();
  await network.advance(300);
  await serve();
  await network.advance(1700);
  return { digest: network.digest(), log };
}

Deno.test("SimulatedNetwork.digest() is the same when a run is replayed", async () => {
  await forEachSeed({ count: 3 }, async (seed) => {
    const first = await gossip(seed);
    assertNotEquals(first.log.length, 0);
    assertEquals(await gossip(seed), first);
    assertNotEquals((await gossip(seed + 1)).digest, first.digest);
  });
});

Deno.test("SimulatedNetwork.digest() tells what was sent", async () => {
  const run = async (text: string): Promise<string> => {
    using network = new SimulatedNetwork({ seed: 1 });
    const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
    const socket = await loop.bindDatagram({ onBatch() {} });
    socket.send(socket.peers.internAddress("10.0.0.2", 7), new TextEncoder().encode(text));
    await network.settled();
    return network.digest();
  };
  assertEquals(await run("abc"), await run("abc"));
  assertNotEquals(await run("abc"), await run("abd"));
});
