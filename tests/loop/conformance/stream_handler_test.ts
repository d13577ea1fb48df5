import { assertEquals } from "@std/assert";
import type { StreamHandlers, StreamSocket } from "../../../loop/mod.ts";
import { eachPoller } from "./each_poller.ts";
import type { PollerWorld } from "./poller_world.ts";
import { bytesOf, connectPair, connectTo } from "./stream_pair.ts";

/** A listener whose connections have the given handlers. */
function listenRaw(
  world: PollerWorld,
  handlers: (stream: StreamSocket) => StreamHandlers,
): ReturnType<typeof world.server.listenStream> {
  return world.server.listenStream({ hostname: world.serverHost, onConnection: handlers });
}

function takeMessages(world: PollerWorld): string[] {
  return world.errors.splice(0).map((error) => (error as Error).message);
}

eachPoller("StreamHandlers that throw disturb neither stream nor neighbours", async (world) => {
  const calls: string[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const fail = (call: string): never => {
    calls.push(call);
    throw new RangeError(call);
  };
  const listener = await listenRaw(world, () => ({
    onData: () => fail("data"),
    onEnd: (stream) => {
      stream.end();
      fail("end");
    },
    onClose: () => {
      resolve();
      fail("close");
    },
  }));
  const neighbours = await connectPair(world);
  const client = await connectTo(world, listener);
  client.stream.write(bytesOf("x"));
  await client.stream.drained();
  neighbours.client.stream.write(bytesOf("how is it?"));
  await neighbours.server.told.until(() => neighbours.server.told.text === "how is it?");
  client.stream.end();
  await closed;
  await client.told.closed();
  assertEquals(calls, ["data", "end", "close"]);
  assertEquals(takeMessages(world), ["data", "end", "close"]);
});

eachPoller("StreamHandlers whose promise is rejected are reported", async (world) => {
  const listener = await listenRaw(world, () => ({
    onData: () => Promise.reject(new RangeError("Later")),
  }));
  const client = await connectTo(world, listener);
  client.stream.write(bytesOf("x"));
  client.stream.end();
  await client.told.closed();
  assertEquals(takeMessages(world), ["Later"]);
});

eachPoller("StreamHandlers are called by the loop alone, one at a time", async (world) => {
  let inside = 0;
  let calls = 0;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const within = (act: () => void): void => {
    assertEquals(inside++, 0);
    calls++;
    act();
    inside--;
  };
  const listener = await listenRaw(world, (stream) => ({
    onData: () => within(() => void stream.write(new Uint8Array(200_000))),
    onDrain: () => within(() => stream.end()),
    onEnd: () => within(() => stream.terminate()),
    onClose: () => within(resolve),
  }));
  const client = await connectTo(world, listener);
  client.stream.write(bytesOf("x"));
  await closed;
  await client.told.closed();
  assertEquals([client.told.received, calls], [200_000, 4]);
});
