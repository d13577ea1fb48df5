import { assert, assertEquals } from "@std/assert";
import { EventLoop } from "../../../loop/mod.ts";
import { JobsHandedBackError, LineServer, type LineStore, StoreError } from "../../../queue/mod.ts";
import { StreamPeer } from "../../loop/simulated/stream_peer.ts";
import { lines, LineScene, numbers } from "./line_scene.ts";

const decoder = new TextDecoder();

Deno.test("LineServer.listen() takes the jobs of a sender that leaves right after writing", async () => {
  await using scene = await LineScene.start();
  const peer = await scene.connect();
  peer.write(lines(0, 499) + '{"job":"count","data":499}');
  await peer.stream[Symbol.asyncDispose]();
  assertEquals(await scene.data(500), numbers(500));
});

Deno.test("LineServer.listen() ends its side once all jobs of a sender are durable", async () => {
  const pushes: (() => void)[] = [];
  const store: LineStore = {
    push: () =>
      new Promise((resolve) => pushes.push(() => resolve({ id: pushes.length, duplicate: false }))),
    whenRoom: () => Promise.resolve(),
  };
  await using scene = await LineScene.start({ store });
  const peer = await scene.connect();
  peer.write(lines(0, 2));
  peer.stream.end();
  await scene.network.until(() => pushes.length === 2);
  pushes[0]();
  await scene.network.advance(1000);
  assert(!peer.ended);
  pushes[1]();
  await scene.network.until(() => peer.ended);
  assertEquals(scene.server.stats().jobs, 2);
});

Deno.test("LineServer.listen() answers a bad line with one line and serves the next", async () => {
  await using scene = await LineScene.start({ maxLineBytes: 50, maxDeadLines: 2 });
  const peer = await scene.connect();
  peer.write(
    `nonsense\n${lines(0, 1)}${"x".repeat(60)}\n{"job":"a","priority":-1}\n${lines(1, 2)}`,
  );
  assertEquals(await scene.data(2), [0, 1]);
  await scene.network.until(() => peer.bytes.filter((byte) => byte === 10).length === 3);
  const answers = peer.text.trimEnd().split("\n").map((text) => JSON.parse(text));
  answers.sort((a, b) => a.line - b.line);
  assertEquals(answers, [
    { line: 1, error: "Cannot take job as it is no JSON" },
    { line: 3, error: "Cannot take line as it is longer than 50 bytes" },
    { line: 4, error: "Cannot take priority as it is not from 0 to 4294967295: received -1" },
  ]);
  assertEquals(scene.server.stats().badLines, 3);
  assertEquals(scene.server.deadLines().map(({ line }) => decoder.decode(line)), [
    "x".repeat(50),
    '{"job":"a","priority":-1}',
  ]);
});

Deno.test("LineServer.listen() lets the network hold the jobs while the store is full", async () => {
  await using scene = await LineScene.start({ maxJobs: 10, maxPendingBytes: 1000 });
  const peer = await scene.connect();
  peer.write(lines(0, 5000));
  await scene.network.advance(1000);
  assert(peer.stream.queuedBytes > 0);
  assertEquals(scene.server.stats().jobs, 10);
  peer.stream.end();
  assertEquals(await scene.data(5000), numbers(5000));
  await scene.network.until(() => peer.ended);
  assert(scene.server.stats().fullWaits > 0);
});

Deno.test("LineServer.listen() holds no more than so much of all connections together", async () => {
  const pushes: (() => void)[] = [];
  const store: LineStore = {
    push: () =>
      new Promise((resolve) => pushes.push(() => resolve({ id: pushes.length, duplicate: false }))),
    whenRoom: () => Promise.resolve(),
  };
  await using scene = await LineScene.start({ store, maxTotalPendingBytes: 1000 });
  const peers = [await scene.connect(), await scene.connect(), await scene.connect()];
  for (const peer of peers) {
    peer.write(lines(0, 100));
    peer.stream.end();
    await scene.network.advance(500);
  }
  assert(pushes.length <= 100, `${pushes.length} are read`);
  for (let stored = 0; stored < 300; stored++) {
    await scene.network.until(() => pushes.length > stored);
    pushes[stored]();
  }
  for (const peer of peers) await scene.network.until(() => peer.ended);
});

Deno.test("LineServer.listen() tries again when the store has failed", async () => {
  let failures = 3;
  const errors: unknown[] = [];
  await using scene = await LineScene.start({ onError: (error) => void errors.push(error) });
  const { store } = scene;
  const flaky: LineStore = {
    push: (job) =>
      failures-- > 0
        ? Promise.reject(new StoreError("Cannot push job as the disk is full", { code: "failed" }))
        : store.push(job),
    whenRoom: (options) => store.whenRoom(options),
  };
  await using second = await LineServer.listen({
    loop: scene.loop,
    store: flaky,
    hostname: "10.0.0.1",
    port: 8002,
    allow: ["10.0.0.2"],
    onError: (error) => void errors.push(error),
  });
  const peer = new StreamPeer();
  const loop = new EventLoop({ poller: scene.network.host("10.0.0.2").poller() });
  peer.stream = await loop.connectStream({ hostname: "10.0.0.1", port: 8002, handlers: peer });
  peer.write(lines(0, 5));
  const found = await scene.data(5);
  assertEquals(found.toSorted(), numbers(5));
  assertEquals(second.stats().jobs, 5);
  assert(errors.length > 0);
});

Deno.test("LineServer.listen() answers a question once all lines before it are durable", async () => {
  await using scene = await LineScene.start({ maxJobs: 150, maxPendingBytes: 1000 });
  const peer = await scene.connect();
  peer.write(`{"ack":"none"}\nbad\n${lines(0, 100)}{"ack":[1]}\n${lines(100, 200)}{"ack":2}\n`);
  await scene.network.until(() => peer.text.includes('{"ack":[1],"jobs":100}\n'));
  await scene.network.advance(1000);
  assert(!peer.text.includes('"ack":2'), "it was answered too early");
  assertEquals(await scene.data(200), numbers(200));
  peer.write(`{"ack":"${"x".repeat(200)}"}\n`);
  peer.stream.end();
  await scene.network.until(() => peer.ended);
  assertEquals(peer.text.trimEnd().split("\n").map((text) => JSON.parse(text)), [
    { line: 2, error: "Cannot take job as it is no JSON" },
    { ack: "none", jobs: 0 },
    { ack: [1], jobs: 100 },
    { ack: 2, jobs: 200 },
    { line: 205, error: "Cannot answer as ack is longer than 200 characters" },
  ]);
});

Deno.test("LineServer stores all that senders have written when it is stopped, even if full", async () => {
  await using scene = await LineScene.start({ maxJobs: 10, maxPendingBytes: 1000 });
  const [left, broken, staying] = [
    await scene.connect(),
    await scene.connect(),
    await scene.connect(),
  ];
  staying.write(`${lines(0, 100)}{"job":"cut`);
  broken.write(lines(100, 200));
  await scene.network.advance(1000);
  broken.stream.terminate();
  left.write(lines(200, 5000));
  left.stream.end();
  await scene.network.advance(1000);
  const { jobs } = scene.server.stats();
  assertEquals(jobs, 10);
  await scene.server[Symbol.asyncDispose]();
  const stored = (await scene.data(scene.store.stats().ready)) as number[];
  const expected = new Set(numbers(5000));
  for (const n of stored) assert(expected.delete(n), `${n} was stored twice`);
  // What had not been read when the connection broke was thrown away by the network.
  assert([...expected].every((n) => n >= 110 && n < 200), `${[...expected]}`);
  assertEquals(left.text, "");
  assertEquals(staying.text, '{"error":"Cannot take all lines as the server stops"}\n');
  assert(left.ended && staying.ended);
  assertEquals(scene.errors, []);
});

Deno.test("LineServer hands back what its store doesn't take when it is stopped", async () => {
  const errors: unknown[] = [];
  const failure = new StoreError("Cannot push job as the disk is full", { code: "failed" });
  const store: LineStore = {
    push: () => Promise.reject(failure),
    whenRoom: () => Promise.resolve(),
  };
  await using scene = await LineScene.start({ store, onError: (error) => void errors.push(error) });
  const peer = await scene.connect();
  peer.write(lines(0, 1));
  peer.stream.end();
  await scene.network.advance(500);
  await scene.server[Symbol.asyncDispose]();
  await scene.network.until(() => peer.ended);
  assertEquals(peer.text.trimEnd().split("\n").map((text) => JSON.parse(text)), [
    { line: 1, error: "Cannot take job as the store takes no more" },
    { error: "Cannot take all lines as the server stops" },
  ]);
  assertEquals(scene.server.stats().handedBack, 1);
  const last = errors.at(-1);
  assert(last instanceof JobsHandedBackError);
  assertEquals([last.count, last.cause, last.from.startsWith("10.0.0.2:")], [1, failure, true]);
});

Deno.test("LineServer ends connections when its store is gone", async () => {
  const store: LineStore = {
    push: () => Promise.reject(new StoreError("Cannot push job as it is lost", { code: "lost" })),
    whenRoom: () => Promise.resolve(),
  };
  const errors: unknown[] = [];
  await using scene = await LineScene.start({ store, onError: (error) => void errors.push(error) });
  const peer = await scene.connect();
  peer.write(lines(0, 1));
  await scene.network.until(() => peer.ended);
  assert(peer.text.startsWith('{"line":1,"error":'), peer.text);
  assertEquals(errors.length, 1);
});

Deno.test("LineServer.listen() refuses addresses that are not allowed", async () => {
  await using scene = await LineScene.start({ allow: ["10.0.0.3"] });
  const peer = await scene.connect();
  await scene.network.until(() => peer.closed);
  assertEquals(scene.server.stats().refused, 1);
});

Deno.test("LineServer[Symbol.asyncDispose]() tells nobody that all is durable when it is not", async () => {
  const store: LineStore = {
    push: () => new Promise(() => undefined),
    whenRoom: () => Promise.resolve(),
  };
  await using scene = await LineScene.start({ store });
  const peer = await scene.connect();
  peer.write(lines(0, 2));
  peer.stream.end();
  await scene.network.advance(100);
  await scene.server[Symbol.asyncDispose]();
  await scene.network.until(() => peer.closed);
  assertEquals(JSON.parse(peer.text), { error: "Cannot take all lines as the server stops" });
});

Deno.test("LineServer.listen() reads no more from a sender that doesn't read the answers", async () => {
  await using scene = await LineScene.start();
  const peer = await scene.connect();
  peer.stream.pause();
  let written = 0;
  for (; peer.stream.queuedBytes < 1_000_000; written += 1000) {
    peer.write(`{"ack":"${"x".repeat(100)}"}\n`.repeat(1000));
    await scene.network.advance(100);
  }
  await scene.network.advance(10_000);
  assert(peer.stream.queuedBytes > 500_000, "it was read");
  peer.stream.resume();
  peer.stream.end();
  await scene.network.until(() => peer.ended);
  assertEquals(peer.text.trimEnd().split("\n").length, written);
});
