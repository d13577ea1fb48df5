import { assert, assertEquals } from "@std/assert";
import { eachPoller } from "./each_poller.ts";
import { bytesOf, connectPair, passTime } from "./stream_pair.ts";

eachPoller("StreamSocket.terminate() is a reset for the peer", async (world) => {
  const { server, client } = await connectPair(world);
  client.stream.terminate();
  assertEquals((await server.told.closed())?.code, "reset");
  assertEquals(server.told.calls, ["close"]);
}, { needs: ["reset"] });

eachPoller("StreamSocket.terminate() is a reset for a peer that writes", async (world) => {
  const { server, client } = await connectPair(world, { server: { halfOpen: true } });
  client.stream.terminate();
  while (server.told.error === undefined) {
    server.stream.write(bytesOf("anybody there?"));
    await world.server.sleep(1);
  }
  assertEquals(server.told.error?.code, "reset");
  assertEquals(server.told.count("close"), 1);
  assertEquals(server.told.calls.at(-1), "close");
});

eachPoller("StreamSocket.terminate() tells of nothing but the close", async (world) => {
  const { server, client } = await connectPair(world, {
    connect: { highWatermark: 10, lowWatermark: 1 },
  });
  server.stream.write(bytesOf("on its way"));
  client.stream.write(bytesOf("more than ten bytes"));
  client.stream.terminate();
  client.stream.terminate();
  client.stream.end();
  client.stream.resume();
  assertEquals([client.stream.closed, client.stream.writable], [true, false]);
  assertEquals([client.stream.queuedBytes, client.stream.write(bytesOf("x"))], [0, false]);
  assertEquals(client.told.calls, []);
  await client.told.closed();
  await passTime(world);
  assertEquals([client.told.calls, client.told.error], [["close"], null]);
});

eachPoller("StreamSocket.terminate() in onData ends it all", async (world) => {
  const { server, client } = await connectPair(world, {
    server: { onData: (_, stream) => stream.terminate() },
  });
  client.stream.write(new Uint8Array(1_000_000));
  assertEquals(await server.told.closed(), null);
  await client.told.closed();
  await passTime(world);
  assertEquals(server.told.calls, ["data", "close"]);
  assertEquals(client.told.count("close"), 1);
});

eachPoller("StreamSocket.terminate() is possible while paused and full", async (world) => {
  const { server, client } = await connectPair(world);
  server.stream.pause();
  client.stream.write(new Uint8Array(16_000_000));
  await passTime(world);
  assert(client.stream.queuedBytes > 0);
  client.stream.terminate();
  server.stream.terminate();
  await Promise.all([client.told.closed(), server.told.closed()]);
});

eachPoller("StreamSocket hands over what came before a reset", async (world) => {
  const { server, client } = await connectPair(world, {
    connect: { lowWatermark: 0 },
    server: { onData: (_, stream) => void stream.write(bytesOf("thanks")), halfOpen: true },
  });
  server.stream.pause();
  client.stream.write(new Uint8Array(60_000));
  await client.stream.drained();
  client.stream.terminate();
  await client.told.closed();
  server.stream.resume();
  assertEquals((await server.told.closed())?.code, "reset");
  assertEquals(server.told.received, 60_000);
}, { needs: ["loopback"] });
