import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionClosedError } from "../../../websocket/mod.ts";
import { text } from "../wire/masked_frame.ts";
import { Recorder } from "../wire/recorder.ts";
import { ECHO, WsScene } from "../wire/ws_scene.ts";

const KIB = 1024;

Deno.test("Connection.send() answers false above the high watermark", async () => {
  const recorder = new Recorder();
  await using scene = await WsScene.open(recorder);
  const client = await scene.client();
  const [connection] = recorder.connections;
  client.stream.pause();
  let sent = 0;
  while (connection.send("x".repeat(KIB))) sent++;
  assertEquals(sent, 63);
  assert(connection.bufferedBytes >= 64 * KIB);
  client.stream.resume();
  await connection.drained();
  assert(connection.bufferedBytes <= 16 * KIB);
  assertEquals(connection.send("more"), true);
});

Deno.test("Connection.drained() rejects when the connection closes or it is aborted", async () => {
  const recorder = new Recorder();
  await using scene = await WsScene.open(recorder);
  const client = await scene.client();
  const [connection] = recorder.connections;
  client.stream.pause();
  while (connection.send("x".repeat(KIB)));
  const abort = new AbortController();
  const aborted = connection.drained({ signal: abort.signal });
  const closed = connection.drained();
  abort.abort(new TypeError("enough"));
  await assertRejects(() => aborted, TypeError, "enough");
  connection.terminate();
  const error = await assertRejects(() => closed, ConnectionClosedError);
  assertEquals(error.code, 1006);
});

Deno.test("WsServer reads no more from a peer that does not read what it is sent", async () => {
  const recorder = new Recorder(ECHO);
  await using scene = await WsScene.open(recorder);
  const client = await scene.client();
  client.stream.pause();
  const message = text("x".repeat(KIB));
  for (let i = 0; i < 500; i++) client.stream.write(message);
  await scene.network.advance(20_000);
  const [connection] = recorder.connections;
  const handled = recorder.lines.length - 1;
  // The high watermark, what the simulated kernels hold, and the chunk that was being read.
  assert(handled < 300, `${handled}`);
  assert(connection.bufferedBytes < 130 * KIB, `${connection.bufferedBytes}`);
  client.stream.resume();
  await scene.network.until(() => client.lines.length === 500);
  assertEquals(recorder.lines.length, 501);
});

Deno.test("WsServer evicts a peer that does not catch up in time with 1013", async () => {
  const recorder = new Recorder();
  await using scene = await WsScene.open(recorder, { slowTimeoutMs: 10_000 });
  const client = await scene.client();
  const [connection] = recorder.connections;
  client.stream.pause();
  // The simulated kernels take the first part.
  while (connection.send("x".repeat(10 * KIB)));
  await scene.network.advance(100);
  while (connection.send("x".repeat(10 * KIB)));
  await scene.network.until(() => connection.state === "closed");
  assert(scene.network.now > 10_000 && scene.network.now < 12_000, `${scene.network.now}`);
  assertEquals(recorder.lines.at(-1), "close 1013 unclean The peer reads too slowly");
  assertEquals(scene.server.stats().evicted, 1);
  client.stream.resume();
  await scene.network.until(() => client.closed);
  assertEquals(client.lines.at(-1), "close:1013");
});

Deno.test("WsServer lets a peer that has caught up stay", async () => {
  const recorder = new Recorder(ECHO);
  await using scene = await WsScene.open(recorder, { slowTimeoutMs: 10_000 });
  const client = await scene.client();
  const [connection] = recorder.connections;
  client.stream.pause();
  for (let round = 0; round < 2; round++) {
    while (connection.send("x".repeat(10 * KIB)));
    await scene.network.advance(4000);
  }
  client.stream.resume();
  await scene.network.advance(20_000);
  assertEquals(connection.state, "open");
  const { length } = client.lines;
  await scene.send(client, text("still here"));
  assertEquals(client.lines.slice(length), ["text:still here"]);
});

Deno.test("WsServer evicts a peer that is sent too much, and terminates it", async () => {
  const recorder = new Recorder();
  await using scene = await WsScene.open(recorder, {
    maxBufferedBytes: 200 * KIB,
    evictionCode: 1008,
  });
  const client = await scene.client();
  const other = await scene.client();
  const [connection] = recorder.connections;
  client.stream.pause();
  let most = 0;
  for (let i = 0; i < 2000; i++) {
    scene.server.broadcast("x".repeat(KIB));
    most = Math.max(most, connection.bufferedBytes);
    await scene.network.advance(5);
  }
  assert(most <= 202 * KIB, `${most}`);
  assertEquals(recorder.lines.at(-1), "close 1008 unclean The peer reads too slowly");
  await scene.network.until(() => other.lines.length === 2000);
  await scene.network.advance(6000);
  assertEquals(connection.bufferedBytes, 0);
  assertEquals(scene.server.stats().streams, 1);
});

Deno.test("WsServer takes one message of any length when nothing else waits", async () => {
  const recorder = new Recorder();
  await using scene = await WsScene.open(recorder, { maxBufferedBytes: 10 * KIB });
  const client = await scene.client();
  const [connection] = recorder.connections;
  assertEquals(connection.send("x".repeat(1000 * KIB)), false);
  await scene.network.until(() => client.lines.length === 1);
  assertEquals(connection.state, "open");
});
