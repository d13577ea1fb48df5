import { assert, assertEquals } from "@std/assert";
import { SeededRandom } from "../../loop/mod.ts";
import { decodeHeader, decodeMessages, encodeMessages } from "../../modstamp/mod.ts";
import { memoryInUse } from "../modstamp/memory.ts";
import { clientOn, Reader } from "../modstamp/simulated_client.ts";
import {
  EncryptedPeer,
  OUTCAST,
  SERVER_ADDRESS,
  SimulatedServer,
  STRANGER,
  WRITER,
} from "../modstamp/simulated_server.ts";
import { SimulatedPeer } from "../modstamp/simulated_peer.ts";
import { message, packet } from "../modstamp/wire.ts";
import { PacketMaker, type PacketMakerOptions } from "./modstamp/packet_maker.ts";

const RUNS = Number(Deno.env.get("SLUICE_FUZZ_RUNS") ?? 20_000);
/** Packets that are under way together. */
const BURST = 200;
const PACKET_BYTES = 1300;
const BYTES_PER_SECOND = 3000;
const BYTES_PER_HOST = 5000;
/** What compiled code and the engine's own caches may take. */
const MEMORY_SLACK_BYTES = 8_000_000;

Deno.test("decodeHeader() and decodeMessages() survive any packet", () => {
  const maker = makeMaker(1, { letters: "QCRMS" });
  for (let run = 0; run < RUNS; run++) {
    const bytes = maker.make();
    const header = decodeHeader(bytes);
    assert(header === null || header.bodyStart <= bytes.length);
    const decoded = decodeMessages(bytes.subarray(header?.bodyStart ?? 0));
    if (!decoded.ok || decoded.messages.length === 0) continue;
    const [body] = encodeMessages(decoded.messages, { maxBytes: 65_000 });
    assertEquals(decodeMessages(body!), { ...decoded, skipped: 0 });
  }
});

function makeMaker(seed: number, options: Partial<PacketMakerOptions>): PacketMaker {
  return new PacketMaker({
    random: new SeededRandom(seed),
    encrypt: (body) => Uint8Array.from([1, 97, ...body]),
    letters: "Q",
    ...options,
  });
}

/** Counts what a peer receives, packet by packet. */
function countBytes(peer: SimulatedPeer): number {
  let bytes = 0;
  for (const packet of peer.take()) {
    assert(packet.length <= PACKET_BYTES, `a reply of ${packet.length} bytes`);
    bytes += packet.length;
  }
  return bytes;
}

/** Checks what the peers of a host receive from the last reset on. */
class Meter {
  readonly #world: SimulatedServer;
  readonly #peers: SimulatedPeer[];
  /** What they have received in all. */
  total = 0;
  #received = 0;
  #startMs = 0;

  constructor(world: SimulatedServer, peers: SimulatedPeer[]) {
    this.#world = world;
    this.#peers = peers;
    this.reset();
  }

  reset(): void {
    for (const peer of this.#peers) peer.take();
    this.#received = 0;
    this.#startMs = this.#world.network.now;
  }

  check(bytesPerSecond: number): void {
    for (const peer of this.#peers) {
      const bytes = countBytes(peer);
      this.#received += bytes;
      this.total += bytes;
    }
    const seconds = 1 + (this.#world.network.now - this.#startMs) / 1000;
    assert(this.#received <= bytesPerSecond * seconds, `${this.#received} in ${seconds} s`);
  }
}

/** A server with small limits, so that all of them are reached. */
async function startServer(): Promise<SimulatedServer> {
  const world = await SimulatedServer.start({
    maxSubscriptions: 1000,
    maxSubscriptionsPerPeer: 400,
    maxIds: 1500,
    maxPeers: 20,
    maxPacketsPerSecond: 5000,
    maxBytesPerSecond: BYTES_PER_SECOND,
    maxBytesPerSecondPerHost: BYTES_PER_HOST,
  }, { maxMs: Infinity });
  world.network.setFaults({ duplicate: 0.05, reorder: 0.05 }, { to: world.host });
  return world;
}

/** A peer behind a NAT that gives it another port now and then. */
async function startRoamer(world: SimulatedServer): Promise<SimulatedPeer> {
  const nat = world.network.nat("198.51.100.1", { rebind: 0.02, filtering: "none" });
  return await SimulatedPeer.start(nat.host("192.168.0.2"), {
    server: { hostname: SERVER_ADDRESS, port: 1415 },
  });
}

Deno.test("ModstampServer survives any packets, sends no more than it may, and does not grow", async () => {
  using world = await startServer();
  const roamer = await startRoamer(world);
  const strangers = [await world.peer(STRANGER), await world.peer("203.0.113.6"), roamer];
  const office = new EncryptedPeer(await world.peer("203.0.113.7"), { keyId: "office" });
  const thief = new EncryptedPeer(strangers[0]!, { keyId: "office", key: new Uint8Array(32) });
  const others = [await world.peer(WRITER), await world.peer(OUTCAST), office.peer];
  const [maker, foreignMaker] = [office, thief].map(({ encryptor }, i) =>
    makeMaker(2 + i, { letters: "QQQCC", encrypt: (body) => encryptor.encrypt(body) })
  );
  // Who roams has many ports, each with a limit of its own, but is one host.
  const meters = [[strangers[0]!], [strangers[1]!], [roamer]].map((peers) =>
    new Meter(world, peers)
  );
  const limits = [BYTES_PER_SECOND, BYTES_PER_SECOND, BYTES_PER_HOST];
  let early = memoryInUse();
  for (let sent = 0; sent < RUNS; sent += BURST) {
    for (let i = 0; i < BURST; i++) {
      const [peers, from] = i % 2 === 0 ? [strangers, foreignMaker!] : [others, maker!];
      peers[from.pick(peers.length)]!.send(from.make());
    }
    await world.network.advance(maker!.pick(100));
    for (const peer of others) countBytes(peer);
    for (const [i, meter] of meters.entries()) meter.check(limits[i]!);
    if (maker!.pick(40) === 0) {
      await world.network.advance(310_000);
      for (const meter of meters) meter.reset();
    }
    if (sent < RUNS / 2 && sent + BURST >= RUNS / 2) early = memoryInUse();
  }
  assertEquals(world.errors, []);
  for (const meter of meters) assert(meter.total > RUNS / 10, `${meter.total} bytes in all`);
  const late = memoryInUse();
  const grown = late.heap + late.buffers - early.heap - early.buffers;
  assert(grown < MEMORY_SLACK_BYTES, `${grown} bytes more after as many packets again`);
  await checkService(world);
});

/** All that packets can cause has happened, and the server still serves. */
async function checkService(world: SimulatedServer): Promise<void> {
  const { refused, ...stats } = world.server.stats();
  const { failedCommits: _, outboxFull: _full, packetsLimited: _limited, ...reached } = stats;
  const { busy: _busy, ...reasons } = refused;
  for (const [name, count] of Object.entries({ ...reached, ...reasons })) assert(count > 0, name);
  await world.network.advance(310_000);
  assertEquals(world.server.stats().subscriptions, 0);
  await using client = clientOn(world.network.host(WRITER));
  await client.send({ "0": "" });
  assertEquals((await client.send({ "0": "still there" })).get("0"), "still there");
}

Deno.test("ModstampClient survives any packets of its server", async () => {
  using world = await startServer();
  const server = { hostname: "10.0.0.7", port: 1415 };
  const forger = await SimulatedPeer.start(world.network.host(server.hostname), {
    server: { hostname: STRANGER, port: 1 },
    port: server.port,
  });
  const client = clientOn(world.network.host(STRANGER), { hostname: server.hostname });
  const reader = new Reader(client, { "0": "", a: null }, { onSilence() {} });
  await world.settle();
  forger.talkTo(forger.lastSender!);
  const maker = makeMaker(4, { letters: "RSM" });
  for (let sent = 0; sent < RUNS / 10; sent++) {
    forger.send(maker.make());
    if (sent % BURST === 0) await world.settle();
  }
  forger.send(packet(message("signal", "a", "still heard")));
  await world.settle();
  assertEquals(reader.ended, null);
  assertEquals(reader.texts.at(-1), "a=still heard");
  await client[Symbol.asyncDispose]();
});
