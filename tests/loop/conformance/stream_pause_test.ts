import { assert, assertEquals } from "@std/assert";
import { eachPoller } from "./each_poller.ts";
import { bytesOf, connectPair, passTime } from "./stream_pair.ts";

const PLENTY = 16_000_000;

eachPoller("StreamSocket.pause() holds the sender back", async (world) => {
  const { server, client } = await connectPair(world, { server: { onData: () => {} } });
  server.stream.pause();
  assert(server.stream.paused);
  client.stream.write(new Uint8Array(PLENTY));
  await passTime(world);
  assertEquals(server.told.calls, []);
  assert(client.stream.queuedBytes > 0);
  server.stream.resume();
  assert(!server.stream.paused);
  client.stream.end();
  await server.told.closed();
  assertEquals(server.told.received, PLENTY);
});

eachPoller("StreamSocket.pause() in onData is heeded at once", async (world) => {
  const { server, client } = await connectPair(world, {
    server: { onData: (_, stream) => stream.pause() },
  });
  client.stream.write(new Uint8Array(PLENTY));
  await server.told.told("data");
  await passTime(world);
  assertEquals(server.told.calls, ["data"]);
  client.stream.end();
  for (let i = 2; server.told.received < PLENTY; i++) {
    server.stream.resume();
    await server.told.until(() => server.told.count("data") === i);
  }
  server.stream.resume();
  await server.told.closed();
  assertEquals(server.told.received, PLENTY);
});

eachPoller("StreamSocket.pause() and resume() in a row lose nothing", async (world) => {
  const { server, client } = await connectPair(world, {
    server: {
      onData: (_, stream) => {
        stream.pause();
        stream.resume();
        stream.resume();
      },
    },
  });
  client.stream.write(new Uint8Array(PLENTY));
  client.stream.end();
  await server.told.closed();
  assertEquals(server.told.received, PLENTY);
});

eachPoller("StreamSocket.pause() keeps back the peer's end", async (world) => {
  const { server, client } = await connectPair(world);
  server.stream.pause();
  client.stream.write(bytesOf("last words"));
  client.stream.end();
  await passTime(world);
  assertEquals(server.told.calls, []);
  server.stream.resume();
  await server.told.closed();
  assertEquals(server.told.text, "last words");
  assertEquals(server.told.calls.slice(-2), ["end", "close"]);
});

eachPoller("StreamSocket.pause() doesn't keep from writing", async (world) => {
  const { server, client } = await connectPair(world);
  server.stream.pause();
  server.stream.write(bytesOf("still here"));
  await client.told.until(() => client.told.text === "still here");
});
