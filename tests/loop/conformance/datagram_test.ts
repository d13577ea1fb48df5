import { assert, assertEquals, assertRejects } from "@std/assert";
import { ListenError, SeededRandom } from "../../../loop/mod.ts";
import { DatagramRecorder } from "./datagram_recorder.ts";
import { eachPoller } from "./each_poller.ts";
import type { PollerWorld } from "./poller_world.ts";

async function bindPair(
  world: PollerWorld,
  options: Parameters<typeof DatagramRecorder.bind>[1] = {},
): Promise<{ server: DatagramRecorder; client: DatagramRecorder; there: number }> {
  const server = await DatagramRecorder.bind(world.server, {
    hostname: world.serverHost,
    ...options,
  });
  const client = await DatagramRecorder.bind(world.client);
  return { server, client, there: client.peer(world.serverHost, server) };
}

eachPoller("EventLoop.bindDatagram() tells where it is bound", async (world) => {
  const { server } = await bindPair(world);
  assertEquals(server.socket.localAddress.hostname, world.serverHost);
  assert(server.socket.localAddress.port > 0);
});

eachPoller("EventLoop.bindDatagram() fails clearly when the port is taken", async (world) => {
  const { server } = await bindPair(world);
  const { port } = server.socket.localAddress;
  const error = await assertRejects(
    () => DatagramRecorder.bind(world.server, { hostname: world.serverHost, port }),
    ListenError,
    `Cannot bind ${world.serverHost}:${port} as the address is in use`,
  );
  assertEquals([error.code, error.address], ["in-use", `${world.serverHost}:${port}`]);
});

eachPoller("EventLoop.bindDatagram() fails clearly on an address of others", async (world) => {
  const error = await assertRejects(
    () => DatagramRecorder.bind(world.server, { hostname: "192.0.2.77", port: 0 }),
    ListenError,
    "Cannot bind 192.0.2.77:0 as the address is none of this machine's",
  );
  assertEquals(error.code, "unavailable");
});

eachPoller("DatagramSocket.send() goes there and back", async (world) => {
  const { server, client, there } = await bindPair(world);
  for (let i = 1; i <= 20; i++) {
    assert(client.send(there, `ping ${i}`));
    await server.until(i);
    assertEquals(server.received[i - 1].text, `ping ${i}`);
    assert(server.send(server.received[i - 1].peer, `pong ${i}`));
    await client.until(i);
    assertEquals(client.received[i - 1], { text: `pong ${i}`, length: 7 - +(i < 10), peer: there });
  }
  assertEquals(new Set(server.received.map(({ peer }) => peer)).size, 1);
  assertEquals(client.socket.stats().sent, 20);
  assertEquals(server.socket.stats().received, 20);
}, { needs: ["lossless"] });

eachPoller("DatagramSocket.send() copies what it is given", async (world) => {
  const { server, client, there } = await bindPair(world);
  const bytes = new Uint8Array(3).fill(97);
  client.socket.send(there, bytes);
  bytes.fill(98);
  await server.until(1);
  assertEquals(server.texts, ["aaa"]);
}, { needs: ["lossless"] });

eachPoller("DatagramSocket hands over whole batches, none above maxBatch", async (world) => {
  const { server, client, there } = await bindPair(world, { maxBatch: 8 });
  const expected: string[] = [];
  for (let i = 0; i < 100; i++) {
    expected.push(`datagram ${i}`);
    assert(client.send(there, expected[i]));
  }
  await server.until(100);
  assertEquals(server.texts.toSorted(), expected.toSorted());
  assertEquals(server.batches.every((count) => count > 0 && count <= 8), true);
}, { needs: ["lossless"] });

eachPoller("DatagramSocket takes each size up to maxDatagramBytes", async (world) => {
  const { server, client, there } = await bindPair(world, { maxDatagramBytes: 1200 });
  const random = new SeededRandom(5);
  const sizes = [
    0,
    1,
    2,
    100,
    1199,
    1200,
    ...Array.from({ length: 20 }, () => random.next() * 1200),
  ];
  for (const [i, size] of sizes.entries()) {
    client.socket.send(there, new Uint8Array(size));
    await server.until(i + 1);
  }
  assertEquals(server.received.map(({ length }) => length), sizes.map(Math.floor));
  assertEquals(server.socket.stats().oversized, 0);
}, { needs: ["lossless"] });

eachPoller("DatagramSocket drops and counts what is too long", async (world) => {
  const { server, client, there } = await bindPair(world, { maxDatagramBytes: 100 });
  client.socket.send(there, new Uint8Array(101));
  client.socket.send(there, new Uint8Array(1000));
  for (let i = 1; server.socket.stats().oversized < 2; i++) {
    client.send(there, "fits");
    await server.until(i);
  }
  assertEquals(new Set(server.texts), new Set(["fits"]));
  assertEquals(server.socket.stats().oversized, 2);
}, { needs: ["lossless"] });

eachPoller("DatagramSocket survives peers that can't be reached", async (world) => {
  const { server, client, there } = await bindPair(world);
  const gone = await DatagramRecorder.bind(world.server, { hostname: world.serverHost });
  const nowhere = client.peer(world.serverHost, gone);
  await gone.socket[Symbol.asyncDispose]();
  for (let i = 1; i <= 10; i++) {
    client.send(nowhere, "anybody there?");
    client.send(there, "hello");
    await server.until(i);
  }
  server.send(server.received[0].peer, "hello");
  await client.until(1);
  assertEquals([client.socket.closed, client.texts], [false, ["hello"]]);
}, { needs: ["lossless"] });

eachPoller("DatagramSocket.send() refuses what the queue has no room for", async (world) => {
  const server = await DatagramRecorder.bind(world.server, { hostname: world.serverHost });
  const client = await DatagramRecorder.bind(world.client, { maxQueued: 3 });
  const there = client.peer(world.serverHost, server);
  const answers = [1, 2, 3, 4, 5].map((i) => client.send(there, `${i}`));
  assertEquals(answers, [true, true, true, false, false]);
  await server.until(3);
  assert(client.send(there, "again"));
  await server.until(4);
  assertEquals(server.texts.toSorted(), ["1", "2", "3", "again"]);
}, { needs: ["lossless"] });

eachPoller("Outbox.share() sends one encoding to many", async (world) => {
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => DatagramRecorder.bind(world.client)),
  );
  const { server } = await bindPair(world);
  for (const client of clients) client.send(client.peer(world.serverHost, server), "subscribe");
  await server.until(10);
  const { outbox } = server.socket;
  const start = outbox.put(new TextEncoder().encode("news"));
  for (const { peer } of server.received) assert(outbox.share(peer, { start, length: 4 }));
  await Promise.all(clients.map((client) => client.until(1)));
  assertEquals(clients.map(({ texts }) => texts), clients.map(() => ["news"]));
}, { needs: ["lossless"] });

eachPoller("DatagramSocket speaks IPv4 and IPv6 on one port", async (world) => {
  const server = await DatagramRecorder.bind(world.server);
  assertEquals(server.socket.localAddress.hostname, "::");
  const client = await DatagramRecorder.bind(world.client);
  for (const [i, hostname] of ["127.0.0.1", "::1", "::ffff:127.0.0.1"].entries()) {
    client.send(client.peer(hostname, server), hostname);
    await server.until(i + 1);
    server.send(server.received[i].peer, hostname);
    await client.until(i + 1);
  }
  const [four, six, mapped] = server.received.map(({ peer }) => peer);
  assertEquals([four === mapped, four === six], [true, false]);
  assertEquals(server.socket.peers.address(four).hostname, "127.0.0.1");
  assertEquals(server.socket.peers.address(six).hostname, "::1");
  assertEquals(client.texts, ["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
}, { needs: ["loopback"] });

eachPoller("DatagramSocket on an IPv4 address speaks IPv4", async (world) => {
  const server = await DatagramRecorder.bind(world.server, { hostname: "127.0.0.1" });
  const client = await DatagramRecorder.bind(world.client, { hostname: "127.0.0.1" });
  client.send(client.peer("127.0.0.1", server), "ping");
  await server.until(1);
  server.send(server.received[0].peer, "pong");
  await client.until(1);
}, { needs: ["loopback"] });

eachPoller("DatagramOptions.onBatch() that throws is reported and called again", async (world) => {
  let calls = 0;
  const texts: number[] = [];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const socket = await world.server.bindDatagram({
    hostname: world.serverHost,
    onBatch: (batch) => {
      if (++calls === 1) throw new RangeError("Not today");
      for (let i = 0; i < batch.count; i++) texts.push(batch.bytes[batch.start(i)]);
      resolve();
    },
  });
  const client = await DatagramRecorder.bind(world.client);
  const there = client.socket.peers.internAddress(world.serverHost, socket.localAddress.port);
  client.send(there, "a");
  while (world.errors.length === 0) await world.client.sleep(1);
  client.send(there, "b");
  await done;
  assertEquals(texts, [98]);
  assertEquals(world.errors.splice(0).map((error) => (error as Error).message), ["Not today"]);
}, { needs: ["lossless"] });

eachPoller("DatagramSocket[Symbol.asyncDispose]() sends what is queued", async (world) => {
  const { server, client, there } = await bindPair(world);
  for (let i = 0; i < 50; i++) client.send(there, `${i}`);
  await client.socket[Symbol.asyncDispose]();
  await server.until(50);
  assertEquals(client.socket.closed, true);
  assertEquals(client.send(there, "too late"), false);
  await client.socket[Symbol.asyncDispose]();
}, { needs: ["lossless"] });

eachPoller("DatagramSocket.close() closes at once", async (world) => {
  const { server, client, there } = await bindPair(world);
  client.socket.close();
  client.socket.close();
  assertEquals([client.socket.closed, client.send(there, "too late")], [true, false]);
  const other = await DatagramRecorder.bind(world.client);
  other.send(other.peer(world.serverHost, server), "hello");
  await server.until(1);
  assertEquals(server.texts, ["hello"]);
}, { needs: ["lossless"] });

eachPoller(
  "EventLoop[Symbol.asyncDispose]() sends what is queued and frees the port",
  async (world) => {
    const { server, client, there } = await bindPair(world);
    const { port } = client.socket.localAddress;
    for (let i = 0; i < 50; i++) client.send(there, `${i}`);
    await world.client[Symbol.asyncDispose]();
    await server.until(50);
    assertEquals(client.socket.closed, true);
    const next = await DatagramRecorder.bind(world.server, { hostname: "::", port });
    next.send(next.peer(world.serverHost, server), "last");
    await server.until(51);
  },
  { needs: ["loopback"] },
);
