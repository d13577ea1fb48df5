import { assert, assertEquals } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import { forEachSeed } from "../../sim/for_each_seed.ts";
import { patternOf, StreamPeer } from "./stream_peer.ts";
import { codeOf, Scene } from "./stream_scene.ts";

Deno.test("SimulatedStream carries bytes both ways and ends", async () => {
  using scene = new Scene();
  const [client, server] = await scene.pair();
  client.write("ping");
  await scene.network.until(() => server.text === "ping");
  server.write("pong");
  server.stream.end();
  await scene.network.until(() => client.ended);
  assertEquals([client.text, client.closed, server.closed], ["pong", false, false]);
  assertEquals(server.write("too late"), false);
  client.write("still open");
  client.stream.end();
  await scene.network.settled();
  assertEquals(server.text, "pingstill open");
  assertEquals([server.closed, client.closed, server.error, client.error], [
    true,
    true,
    null,
    null,
  ]);
  assertEquals(scene.listener.stats(), {
    accepted: 1,
    connections: 0,
    acceptPauses: 0,
    acceptErrors: 0,
  });
});

Deno.test("SimulatedStream tells the addresses of both ends", async () => {
  using scene = new Scene();
  const [client, server] = await scene.pair({ hostname: "server" });
  assertEquals(client.stream.remoteAddress, { hostname: "10.0.0.1", port: 80 });
  assertEquals(server.stream.localAddress, { hostname: "10.0.0.1", port: 80 });
  assertEquals(client.stream.localAddress, server.stream.remoteAddress);
  assertEquals((client.stream.localAddress as { hostname: string }).hostname, "10.0.0.2");
});

Deno.test("SimulatedStream brings every byte in order, whatever the faults", async () => {
  await forEachSeed({ count: 5 }, async (seed) => {
    using scene = new Scene({ seed, faults: { loss: 0.2, reorder: 0.5, maxDelayMs: 80 } });
    const [client, server] = await scene.pair();
    const sent = patternOf(300_000);
    client.stream.write(sent);
    client.stream.end();
    server.stream.write(sent.subarray(0, 100_000));
    server.stream.end();
    await scene.network.settled();
    assertEquals(new Uint8Array(server.bytes), sent);
    assertEquals(new Uint8Array(client.bytes), sent.subarray(0, 100_000));
    assert(scene.network.stats().retransmitted > 50);
    assert(server.chunks > 10);
  });
});

Deno.test("SimulatedStream cuts segments at different places with each seed", async () => {
  const sizes = new Set<string>();
  for (const seed of [1, 2, 3]) {
    using scene = new Scene({ seed, faults: { minDelayMs: 5, maxDelayMs: 5 } });
    const [client, server] = await scene.pair();
    client.stream.write(patternOf(4000));
    await scene.network.settled();
    assertEquals(server.bytes.length, 4000);
    sizes.add(String(scene.network.stats().segments));
  }
  assert(sizes.size > 1);
});

Deno.test("SimulatedStream.pause() holds the sender back until resume()", async () => {
  using scene = new Scene({ faults: { windowBytes: 10_000 } });
  const [client, server] = await scene.pair({ highWatermark: 8000, lowWatermark: 2000 });
  server.stream.pause();
  const sent = patternOf(30_000);
  assertEquals(client.stream.write(sent), false);
  await scene.network.settled();
  // One chunk may have been read ahead.
  const { queuedBytes } = client.stream;
  assert(queuedBytes <= 20_000 && queuedBytes > 18_000);
  assertEquals([server.bytes.length, client.drains], [0, 0]);
  let drained = false;
  const wait = client.stream.drained().then(() => drained = true);
  await scene.network.settled();
  assertEquals(drained, false);
  server.stream.resume();
  await wait;
  await scene.network.settled();
  assertEquals([client.stream.queuedBytes, client.drains], [0, 1]);
  assertEquals(new Uint8Array(server.bytes), sent);
});

Deno.test("SimulatedStream overwrites a chunk once it was handled", async () => {
  using scene = new Scene();
  let kept: Uint8Array | undefined;
  await scene.listen({ onConnection: () => ({ onData: (chunk) => void (kept = chunk) }) });
  const client = await scene.connect();
  client.write("abc");
  await scene.network.settled();
  assertEquals(kept, new Uint8Array([0xdb, 0xdb, 0xdb]));
});

Deno.test("SimulatedStream.terminate() resets the other side", async () => {
  using scene = new Scene();
  const [client, server] = await scene.pair();
  client.stream.write(patternOf(1_000_000));
  client.stream.terminate();
  await scene.network.settled();
  assertEquals([client.closed, client.error], [true, null]);
  assertEquals([server.closed, codeOf(server)], [true, "reset"]);
  assert(server.bytes.length < 70_000);
  assertEquals(scene.network.stats().reset, 1);
});

Deno.test("SimulatedStream is terminated when more is queued than maxQueuedBytes", async () => {
  using scene = new Scene();
  const [client, server] = await scene.pair({ maxQueuedBytes: 1000 });
  assertEquals(client.stream.write(new Uint8Array(1001)), false);
  await scene.network.settled();
  assertEquals([codeOf(client), codeOf(server)], ["overflow", "reset"]);
});

Deno.test("SimulatedStream ends with idle after idleTimeoutMs without a byte", async () => {
  using scene = new Scene();
  const [client, server] = await scene.pair({ idleTimeoutMs: 1000 });
  await scene.network.advance(900);
  server.write("x");
  await scene.network.advance(990);
  assertEquals(client.closed, false);
  await scene.network.advance(20);
  assertEquals([codeOf(client), codeOf(server)], ["idle", "reset"]);
});

Deno.test("SimulatedStream[Symbol.asyncDispose]() sends what was written first", async () => {
  using scene = new Scene();
  const [client, server] = await scene.pair();
  client.stream.write(patternOf(200_000));
  const disposed = client.stream[Symbol.asyncDispose]();
  await scene.network.until(() => server.ended);
  server.stream.end();
  await disposed;
  assertEquals([server.bytes.length, client.closed, client.error], [200_000, true, null]);
});

Deno.test("SimulatedStream sends what was written when its loop is disposed", async () => {
  using scene = new Scene();
  const [client, server] = await scene.pair();
  client.stream.write(patternOf(200_000));
  await scene.clientLoop[Symbol.asyncDispose]();
  await scene.network.settled();
  assertEquals(server.bytes.length, 200_000);
  assert(server.ended);
});

Deno.test("SimulatedStream waits out a partition, and gives up one that lasts", async () => {
  using scene = new Scene({ faults: { giveUpMs: 5000 } });
  const [client, server] = await scene.pair();
  let partition = scene.network.partition([scene.client]);
  client.write("patient");
  await scene.network.advance(4000);
  assertEquals([server.text, client.closed], ["", false]);
  partition.heal();
  await scene.network.advance(100);
  assertEquals(server.text, "patient");
  partition = scene.network.partition([scene.client]);
  client.write("lost");
  await scene.network.advance(5100);
  assertEquals([codeOf(client), server.closed], ["timeout", false]);
  partition.heal();
  server.write("anybody there?");
  await scene.network.settled();
  assertEquals([server.text, codeOf(server)], ["patient", "reset"]);
  assertEquals(scene.network.stats().abandoned, 1);
});

Deno.test("SimulatedStream brings every byte in order when a partition stops some of them", async () => {
  using scene = new Scene({ faults: { minDelayMs: 50, maxDelayMs: 50 } });
  const [client, server] = await scene.pair();
  let text = "";
  const writing = scene.clientLoop.every(1, () => {
    const word = `${scene.clientLoop.now()} `;
    text += word;
    client.write(word);
  });
  for (let i = 0; i < 5; i++) {
    await scene.network.advance(70);
    const partition = scene.network.partition([scene.server]);
    await scene.network.advance(20);
    partition.heal();
  }
  writing.cancel();
  await scene.network.settled();
  assertEquals(server.text, text);
  assert(scene.network.stats().stalled > 20);
});

Deno.test("SimulatedStream is reset when the other host crashes", async () => {
  using scene = new Scene();
  const [client] = await scene.pair();
  scene.server.crash();
  await scene.network.settled();
  assertEquals(codeOf(client), "reset");
  assertEquals(scene.accepted[0].closed, false);
});

Deno.test("SimulatedStream sees no reset when the other host crashes silently", async () => {
  using scene = new Scene();
  const [client] = await scene.pair();
  scene.server.crash({ streams: "silent" });
  await scene.network.settled();
  assertEquals(client.closed, false);
  client.write("anybody there?");
  await scene.network.advance(1000);
  assertEquals(client.closed, false);
  scene.server.poller();
  await scene.network.settled();
  assertEquals(codeOf(client), "reset");
});

Deno.test("SimulatedStream goes through an address translator until that forgets it", async () => {
  using scene = new Scene({ faults: { giveUpMs: 3000 } });
  const nat = scene.network.nat("203.0.113.1", { idleMs: 1000 });
  const loop = new EventLoop({ poller: nat.host("192.168.0.2").poller() });
  await scene.listen();
  const inside = new StreamPeer();
  inside.stream = await loop.connectStream({ hostname: "10.0.0.1", port: 80, handlers: inside });
  await scene.network.advance(5000);
  const [server] = scene.accepted;
  inside.write("hello");
  await scene.network.advance(100);
  assertEquals(server.text, "hello");
  assertEquals((server.stream.remoteAddress as { hostname: string }).hostname, "203.0.113.1");
  nat.rebind();
  inside.write("again");
  server.write("gone");
  await scene.network.settled();
  assertEquals([codeOf(inside), codeOf(server), server.text], ["reset", "timeout", "hello"]);
});
