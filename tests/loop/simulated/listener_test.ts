import { assert, assertEquals, assertRejects } from "@std/assert";
import { EventLoop, SimulatedNetwork, StreamError } from "../../../loop/mod.ts";
import { StreamPeer } from "./stream_peer.ts";
import { codeOf, Scene } from "./stream_scene.ts";

Deno.test("SimulatedListener drops calls when its backlog is full", async () => {
  using scene = new Scene();
  await scene.listen({ backlog: 2, maxConnections: 1 });
  const clients: StreamPeer[] = [];
  for (let i = 0; i < 4; i++) {
    void scene.connect({ connectTimeoutMs: 60_000 }).then((client) => clients.push(client));
  }
  await scene.network.advance(500);
  assertEquals([clients.length, scene.accepted.length], [3, 1]);
  assert(scene.network.stats().backlogged > 0);
  for (let i = 0; i < 4; i++) {
    await scene.network.until(() => scene.accepted.length > i);
    scene.accepted[i].stream.terminate();
  }
  await scene.network.settled();
  assertEquals(scene.listener.stats().accepted, 4);
});

Deno.test("SimulatedListener.close() refuses further calls, and resets the backlog", async () => {
  using scene = new Scene();
  await scene.listen({ maxConnections: 1 });
  const first = await scene.connect();
  const second = await scene.connect();
  scene.listener.close();
  await assertRejects(() => scene.connect(), StreamError, "nobody listens");
  assertEquals([first.closed, codeOf(second)], [false, "reset"]);
  await scene.listen();
});

Deno.test("SimulatedListener[Symbol.asyncDispose]() ends its streams", async () => {
  using scene = new Scene();
  const [client, server] = await scene.pair();
  server.write("last words");
  const disposed = scene.listener[Symbol.asyncDispose]();
  await scene.network.until(() => client.ended);
  client.stream.end();
  await disposed;
  assertEquals([client.text, server.closed], ["last words", true]);
});

Deno.test("SimulatedListener goes on when onConnection throws", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const errors: unknown[] = [];
  const loop = new EventLoop({
    poller: network.host("10.0.0.1").poller(),
    onError: (error) => void errors.push(error),
  });
  const listener = await loop.listenStream({
    path: "/run/x",
    onConnection: () => {
      throw new RangeError("No");
    },
  });
  const peer = new StreamPeer();
  peer.stream = await loop.connectStream({ path: "/run/x", handlers: peer });
  await network.settled();
  assert(errors[0] instanceof RangeError);
  assertEquals([listener.stats().connections, peer.ended], [0, true]);
});

Deno.test("SimulatedListener listens on a path of its own host", async () => {
  using scene = new Scene();
  await scene.listen({ path: "/run/x" });
  await assertRejects(() => scene.listen({ path: "/run/x" }), Error, "in use");
  const peer = new StreamPeer();
  peer.stream = await scene.serverLoop.connectStream({ path: "/run/x", handlers: peer });
  peer.write("local");
  await scene.network.settled();
  assertEquals(scene.accepted[0].text, "local");
  assertEquals(peer.stream.remoteAddress, { path: "/run/x" });
  await assertRejects(() => scene.connect({ path: "/run/x", port: undefined }), StreamError);
});
