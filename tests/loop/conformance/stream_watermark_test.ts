import { assert, assertEquals, assertRejects } from "@std/assert";
import { StreamError } from "../../../loop/mod.ts";
import { eachPoller } from "./each_poller.ts";
import { bytesOf, connectPair } from "./stream_pair.ts";

const SMALL = { highWatermark: 1000, lowWatermark: 100 };
/** More than a kernel takes on one connection whose reader sleeps. */
const PLENTY = 16_000_000;

eachPoller("StreamSocket.write() says no at the high watermark", async (world) => {
  const { client } = await connectPair(world, { connect: SMALL });
  assertEquals(client.stream.write(new Uint8Array(999)), true);
  assertEquals(client.stream.write(new Uint8Array(1)), false);
  assertEquals(client.stream.write(new Uint8Array(0)), false);
});

eachPoller("StreamHandlers.onDrain() is called once for each no", async (world) => {
  const { client } = await connectPair(world, { connect: SMALL });
  assertEquals(client.stream.write(new Uint8Array(500)), true);
  assertEquals(client.stream.write(new Uint8Array(500)), false);
  assertEquals(client.stream.write(new Uint8Array(500)), false);
  await client.told.told("drain");
  assertEquals(client.stream.queuedBytes <= 100, true);
  assertEquals(client.stream.write(new Uint8Array(2000)), false);
  await client.told.until(() => client.told.count("drain") === 2);
  assertEquals(client.stream.write(new Uint8Array(100)), true);
  client.stream.end();
  await client.told.closed();
  assertEquals(client.told.count("drain"), 2);
});

eachPoller("StreamSocket.drained() resolves at the low watermark", async (world) => {
  const { client } = await connectPair(world, { connect: SMALL });
  await client.stream.drained();
  client.stream.write(new Uint8Array(100));
  await client.stream.drained();
  client.stream.write(new Uint8Array(500));
  await client.stream.drained();
  assert(client.stream.queuedBytes <= 100);
});

eachPoller("StreamSocket.drained() waits while the peer doesn't read", async (world) => {
  const { server, client } = await connectPair(world);
  server.stream.pause();
  client.stream.write(new Uint8Array(PLENTY));
  let drained = false;
  const waiting = client.stream.drained().then(() => void (drained = true));
  await world.client.sleep(0);
  assertEquals(drained, false);
  server.stream.resume();
  await waiting;
  client.stream.end();
  await server.told.closed();
  assertEquals(server.told.received, PLENTY);
});

eachPoller("StreamSocket.drained() rejects when the signal is aborted", async (world) => {
  const { server, client } = await connectPair(world);
  server.stream.pause();
  client.stream.write(new Uint8Array(PLENTY));
  const controller = new AbortController();
  const waiting = client.stream.drained({ signal: controller.signal });
  controller.abort(new RangeError("Enough"));
  await assertRejects(() => waiting, RangeError, "Enough");
  await assertRejects(
    () => client.stream.drained({ signal: controller.signal }),
    RangeError,
    "Enough",
  );
  client.stream.terminate();
});

eachPoller("StreamSocket.drained() rejects when the stream goes", async (world) => {
  const { server, client } = await connectPair(world);
  server.stream.pause();
  client.stream.write(new Uint8Array(PLENTY));
  const waiting = client.stream.drained();
  client.stream.terminate();
  assertEquals((await assertRejects(() => waiting, StreamError)).code, "closed");
  assertEquals((await assertRejects(() => client.stream.drained(), StreamError)).code, "closed");
});

eachPoller("StreamSocket.write() ends a stream whose owner heeds nothing", async (world) => {
  const { server, client } = await connectPair(world, {
    connect: { highWatermark: 10, maxQueuedBytes: 1000 },
  });
  assertEquals(client.stream.write(new Uint8Array(1000)), false);
  assertEquals(client.stream.closed, false);
  assertEquals(client.stream.write(bytesOf("x")), false);
  assertEquals(client.stream.closed, true);
  assertEquals((await client.told.closed())?.code, "overflow");
  await server.told.closed();
});
