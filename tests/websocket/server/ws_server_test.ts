import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Application, PreparedMessage, WsServer } from "../../../websocket/mod.ts";
import { agreementOf, DeflatePeer } from "../wire/deflate_peer.ts";
import { close, concat, text } from "../wire/masked_frame.ts";
import { Recorder } from "../wire/recorder.ts";
import { ECHO, WsScene } from "../wire/ws_scene.ts";

Deno.test("WsServer.broadcast() sends to all but one", async () => {
  const recorder = new Recorder();
  await using scene = await WsScene.open(recorder);
  const clients = [await scene.client(), await scene.client(), await scene.client()];
  const count = scene.server.broadcast("news", { except: recorder.connections[1] });
  await scene.network.advance(100);
  assertEquals(count, 2);
  assertEquals(clients.map(({ lines }) => lines), [["text:news"], [], ["text:news"]]);
});

Deno.test("Connection.send() to others goes between the answers to a chunk", async () => {
  const recorder: Recorder = new Recorder({
    onMessage(connection, message) {
      connection.send(`first ${message}`);
      for (const each of recorder.connections) {
        if (each !== connection) each.send(`other ${message}`);
      }
      connection.send(`second ${message}`);
    },
  });
  await using scene = await WsScene.open(recorder);
  const [a, b] = [await scene.client(), await scene.client()];
  recorder.connections[0].send("outside");
  await scene.send(a, concat(text("1"), text("2")));
  await scene.send(b, text("3"));
  assertEquals(a.lines.map((line) => line.slice(5)), [
    "outside",
    "first 1",
    "second 1",
    "first 2",
    "second 2",
    "other 3",
  ]);
  assertEquals(b.lines.map((line) => line.slice(5)), ["other 1", "other 2", "first 3", "second 3"]);
});

Deno.test("WsServer.broadcast() encodes once", async () => {
  await using scene = await WsScene.open();
  const clients = [await scene.client(), await scene.client()];
  const message = new PreparedMessage(new Uint8Array(20_000));
  const { frame } = message;
  scene.server.broadcast(message);
  scene.server.broadcast(message);
  assert(message.frame === frame);
  await scene.network.until(() => clients.every(({ lines }) => lines.length === 2));
});

Deno.test("WsServer.broadcast() compresses once for all connections with the same window", async () => {
  await using scene = await WsScene.open(ECHO, { deflate: { serverNoContextTakeover: false } });
  const offers = [undefined, "", "; server_max_window_bits=9", "; server_max_window_bits=9"];
  const clients = await Promise.all(offers.map((offer) =>
    scene.client({
      "Sec-WebSocket-Extensions": offer === undefined ? offer : `permessage-deflate${offer}`,
    })
  ));
  const peers = clients.map((client) => {
    const field = client.field("sec-websocket-extensions");
    return field === null ? null : new DeflatePeer(agreementOf(field));
  });
  const news = "news ".repeat(1000);
  // Between broadcasts each has its own messages, which refer to earlier ones.
  const turns = [news, news.slice(1), news];
  for (const [turn, each] of turns.entries()) {
    if (turn === 1) { for (const connection of scene.server.connections) connection.send(each); }
    else scene.server.broadcast(each);
    await scene.network.until(() => clients.every(({ frames }) => frames.length === turn + 1));
    for (const [i, client] of clients.entries()) {
      const { rsv, payload } = client.frames[turn];
      assertEquals(rsv, peers[i] === null ? 0 : 4);
      const plain = peers[i] === null ? payload : await peers[i].decompress(payload);
      assertEquals(new TextDecoder().decode(plain), each);
    }
  }
});

Deno.test("WsServer.drain() closes with 1001 and waits for the peers", async () => {
  const recorder = new Recorder();
  await using scene = await WsScene.open(recorder);
  const clients = [await scene.client(), await scene.client()];
  let drained = false;
  const draining = scene.server.drain().then(() => drained = true);
  await scene.network.until(() => clients.every(({ lines }) => lines.length === 1));
  assertEquals(clients[0].lines, ["close:1001"]);
  assertEquals(drained, false);
  for (const client of clients) await scene.send(client, close(1001));
  await draining;
  assertEquals(recorder.lines.slice(2), ["close 1001 clean", "close 1001 clean"]);
  await assertRejects(() => scene.server.listen(), TypeError, "was closed");
});

Deno.test("WsServer.drain() waits no longer than closeTimeoutMs for a peer", async () => {
  await using scene = await WsScene.open(ECHO, { closeTimeoutMs: 3000 });
  const client = await scene.client();
  const pending = await scene.connect();
  const draining = scene.server.drain();
  await scene.network.until(() => client.closed && pending.closed, { timeoutMs: 15_000 });
  await draining;
  assertEquals(client.lines, ["close:1001"]);
  assertEquals(scene.server.stats().streams, 0);
});

Deno.test("WsServer.close() drops all connections at once", async () => {
  const recorder = new Recorder();
  await using scene = await WsScene.open(recorder);
  const client = await scene.client();
  scene.server.close();
  await scene.network.until(() => client.closed);
  assertEquals([client.lines, recorder.lines], [[], ["open", "close 1006 unclean"]]);
});

Deno.test("WsServer.stats() counts", async () => {
  await using scene = await WsScene.open();
  const client = await scene.client();
  await scene.send(client, text("a"), text("b"));
  const refused = await scene.client({ Host: undefined });
  await scene.network.until(() => refused.closed);
  await scene.network.advance(100);
  const { bytesReceived, ...stats } = scene.server.stats();
  assert(bytesReceived > 300);
  assertEquals(stats, {
    accepted: 1,
    refused: 1,
    messagesReceived: 2,
    messagesSent: 2,
    failed: 0,
    evicted: 0,
    lost: 0,
    connections: 1,
    streams: 1,
    unfinishedBytes: 0,
    bufferedBytes: 0,
  });
});

Deno.test("WsServer.constructor() throws when an option is out of range", () => {
  const wrong = [
    { maxConnections: 0 },
    { maxMessageBytes: -1 },
    { closeTimeoutMs: NaN },
    { pingIntervalMs: -1 },
    { evictionCode: 1006 },
    { lowWatermark: 10, highWatermark: 5 },
    { deflate: { serverMaxWindowBits: 7 } },
    { deflate: { level: 10 } },
  ];
  for (const options of wrong) assertThrows(() => new WsServer(ECHO, options), RangeError);
});

Deno.test("WsServer.constructor() throws when the application can't be served", () => {
  const wrong: [application: unknown, message: string][] = [
    [null, "Cannot wrap null in WsServer as it is no object"],
    [class App {}, "it is no object: make one with new, or call it"],
    [{}, "it handles none of onHandshake, onOpen, onMessage, onClose, onError"],
    [{ onmessage() {} }, "it handles none of"],
    [{ onMessage: "x" }, "its onMessage is no function"],
    [{ onPublish() {} }, "put a WampServer between them"],
    [new WsServer(ECHO), "Cannot wrap WsServer in WsServer as it is a server, which goes outside"],
  ];
  for (const [application, message] of wrong) {
    assertThrows(() => new WsServer(application as Application), TypeError, message);
  }
});
