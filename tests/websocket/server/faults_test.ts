import { assert, assertEquals } from "@std/assert";
import { constants, deflateRawSync } from "node:zlib";
import { EventLoop } from "../../../loop/mod.ts";
import { more, text } from "../wire/masked_frame.ts";
import { handshakeHead, type RawClient } from "../wire/raw_client.ts";
import { Recorder } from "../wire/recorder.ts";
import { ECHO, WsScene } from "../wire/ws_scene.ts";

const MIB = 1024 * 1024;

/** Another client is served as if nothing happened. */
async function isServed(scene: WsScene, client: RawClient): Promise<void> {
  const before = client.lines.length;
  await scene.send(client, text(`message ${before}`));
  await scene.network.until(() => client.lines.length > before, { timeoutMs: 1000 });
  assertEquals(client.lines.at(-1), `text:message ${before}`);
}

Deno.test("WsServer bounds what a sender of endless fragments takes", async () => {
  await using scene = await WsScene.open(ECHO, {
    maxMessageBytes: MIB,
    faults: { maxSegmentBytes: 65_536 },
  });
  const other = await scene.client();
  const client = await scene.client();
  const piece = more(new Uint8Array(50_000).fill(97), { fin: false });
  client.stream.write(text("a", { fin: false }));
  let most = 0;
  for (let i = 0; i < 100 && !client.ended; i++) {
    client.stream.write(piece);
    await scene.network.advance(10);
    most = Math.max(most, scene.server.stats().unfinishedBytes);
    if (i % 10 === 0) await isServed(scene, other);
  }
  await scene.network.until(() => client.closed);
  assertEquals(client.lines, ["close:1009"]);
  assert(most > MIB / 2 && most <= 2 * MIB, `${most}`);
  assertEquals(scene.server.stats().unfinishedBytes, 0);
  await isServed(scene, other);
});

Deno.test("WsServer fails a sender of endless empty fragments with 1008", async () => {
  await using scene = await WsScene.open(ECHO, { maxFragments: 1000 });
  const client = await scene.client();
  const empty = more("", { fin: false });
  client.stream.write(text("", { fin: false }));
  for (let i = 0; i < 2000; i++) client.stream.write(empty);
  await scene.network.until(() => client.closed);
  assertEquals(client.lines, ["close:1008"]);
});

Deno.test("WsServer bounds what the unfinished messages of all connections take", async () => {
  await using scene = await WsScene.open(ECHO, { maxUnfinishedBytes: MIB });
  const other = await scene.client();
  const clients: RawClient[] = [];
  for (let i = 0; i < 30; i++) {
    const client = await scene.client();
    client.stream.write(text(new Uint8Array(60_000).fill(97), { fin: false }));
    clients.push(client);
    await scene.network.advance(100);
    assert(scene.server.stats().unfinishedBytes <= MIB);
  }
  const refused = clients.filter(({ lines }) => lines.length > 0);
  assert(refused.length >= 10 && refused.length <= 20, `${refused.length}`);
  assert(refused.every(({ lines }) => lines[0] === "close:1013"));
  await isServed(scene, other);
});

Deno.test("WsServer fails a decompression bomb with 1009", async () => {
  const recorder = new Recorder(ECHO);
  await using scene = await WsScene.open(recorder, { maxMessageBytes: MIB });
  const other = await scene.client();
  const client = await scene.client({ "Sec-WebSocket-Extensions": "permessage-deflate" });
  const bomb = deflateRawSync(new Uint8Array(200 * MIB), {
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  assert(bomb.length < MIB / 4);
  client.stream.write(text(bomb.subarray(0, -4), { rsv: 4 }));
  await scene.network.until(() => client.closed);
  assertEquals(client.lines, ["close:1009"]);
  assertEquals(recorder.lines.filter((line) => line.startsWith("text")), []);
  await isServed(scene, other);
});

Deno.test("WsServer answers pings of a flood only as fast as they are read", async () => {
  await using scene = await WsScene.open();
  const client = await scene.client();
  const other = await scene.client();
  client.stream.pause();
  const pings = new Uint8Array(131 * 200);
  const ping = Uint8Array.from([0x89, 0xfd, 0, 0, 0, 0, ...new Uint8Array(125)]);
  for (let at = 0; at < pings.length; at += ping.length) pings.set(ping, at);
  let most = 0;
  for (let i = 0; i < 100; i++) {
    client.stream.write(pings);
    await scene.network.advance(10);
    most = Math.max(most, scene.server.stats().bufferedBytes);
  }
  assert(most < 200_000, `${most}`);
  await isServed(scene, other);
});

Deno.test("WsServer serves 10,000 connections, of which a part misbehaves", async () => {
  const recorder = new Recorder(ECHO);
  await using scene = await WsScene.open(recorder, { faults: { maxSegmentBytes: 65_536 } });
  const loops = Array.from(
    { length: 4 },
    (_, i) => new EventLoop({ poller: scene.network.host(`10.0.1.${i}`).poller() }),
  );
  const head = handshakeHead();
  const clients: RawClient[] = [];
  for (let i = 0; i < 10_000; i++) {
    const client = await scene.connect(loops[i % 4]);
    client.stream.write(head);
    clients.push(client);
  }
  await scene.network.until(() => clients.every(({ status }) => status === 101));
  assertEquals(scene.server.stats().connections, 10_000);
  for (const [i, client] of clients.entries()) {
    if (i % 4 === 0) client.stream.write(text("hello"));
    if (i % 4 === 1) client.stream.write(text("hello", { mask: null }));
    if (i % 4 === 2) client.stream.terminate();
  }
  await scene.network.until(() => scene.server.stats().connections === 5000);
  await scene.network.advance(1000);
  assertEquals(clients.filter(({ lines }) => lines[0] === "text:hello").length, 2500);
  assertEquals(clients.filter(({ lines }) => lines[0] === "close:1002").length, 2500);
  assertEquals(scene.server.broadcast("to all"), 5000);
  await scene.network.until(() =>
    clients.filter(({ lines }) => lines.at(-1) === "text:to all").length === 5000
  );
  assertEquals(recorder.lines.filter((line) => line.startsWith("close")).length, 5000);
});
