import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  AggregateApplication,
  type HandshakeRequest,
  OriginCheck,
} from "../../../websocket/mod.ts";
import { Recorder } from "../wire/recorder.ts";
import { ECHO } from "../wire/ws_scene.ts";
import { MountedScene } from "./mounted_scene.ts";

Deno.test("WsServer.handler() serves the same application on the platform's WebSocket", async () => {
  const recorder = new Recorder(ECHO);
  await using scene = new MountedScene(recorder);
  const client = await scene.client();
  client.socket.send("hello");
  client.socket.send(Uint8Array.of(1, 2));
  await client.line("binary 0102");
  await client.close(4000);
  await scene.server.drain();
  assertEquals(recorder.lines, ["open", "text hello", "binary 0102", "close 4000 clean"]);
  assertEquals(client.lines, ["open", "text hello", "binary 0102", "close 4000"]);
  assertEquals(scene.server.stats().streams, 0);
});

Deno.test("WsServer.handler() gives the application the request", async () => {
  let seen: HandshakeRequest | undefined;
  await using scene = new MountedScene({ onHandshake: (request) => void (seen = request) });
  const client = await scene.client("/chat?room=7", ["a", "b"]);
  assertEquals(seen!.url.href, `ws://127.0.0.1:${scene.port}/chat?room=7`);
  assertEquals([...seen!.subprotocols], ["a", "b"]);
  assertEquals((seen!.remoteAddress as { hostname: string }).hostname, "127.0.0.1");
  await client.close();
});

Deno.test("WsServer.handler() chooses a subprotocol, also from a list without blanks", async () => {
  await using scene = new MountedScene({ ...ECHO, subprotocols: ["b"] });
  const client = await scene.client("/", ["a", "b"]);
  assertEquals(client.socket.protocol, "b");
  await client.close();
  const handshake = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
  };
  const request = (offered: string): Request =>
    new Request("http://server.example/", {
      headers: { ...handshake, "Sec-WebSocket-Protocol": offered },
    });
  const refused = await scene.server.handler(request("a,c"));
  assertEquals(refused.status, 400);
});

Deno.test("WsServer.handler() refuses what is no handshake", async () => {
  await using scene = new MountedScene(ECHO);
  const get = await scene.request("/");
  assertEquals([get.status, get.headers.get("sec-websocket-version")], [426, "13"]);
  const post = await scene.request("/", { method: "POST", body: "x" });
  assertEquals([post.status, post.headers.get("allow")], [405, "GET"]);
  assertEquals(scene.server.stats().refused, 2);
});

Deno.test("WsServer.handler() asks the components", async () => {
  await using scene = new MountedScene(
    new AggregateApplication({
      "/open": ECHO,
      "/checked": new OriginCheck(ECHO, { origins: ["example.com"] }),
    }),
  );
  const client = await scene.client("/open");
  await client.close();
  for (const path of ["/checked", "/nowhere"]) {
    const refused = await scene.client(path);
    assert(
      refused.lines[0].startsWith("close 1006") || refused.lines[0] === "close 0",
      refused.lines[0],
    );
  }
});

Deno.test("WsServer.handler() refuses with 503 when there are too many connections", async () => {
  await using scene = new MountedScene(ECHO, { maxConnections: 1 });
  const client = await scene.client();
  const response = await scene.server.handler(
    new Request("http://x/", { headers: { Upgrade: "websocket", "Sec-WebSocket-Version": "13" } }),
  );
  assertEquals([response.status, response.headers.get("retry-after")], [503, "10"]);
  await client.close();
});

Deno.test("WsServer.handler() answers 429 when an address has too many connections", async () => {
  await using scene = new MountedScene(ECHO, { maxConnectionsPerAddress: 1 });
  const client = await scene.client();
  const response = await scene.server.handler(
    new Request("http://x/", { headers: { Upgrade: "websocket", "Sec-WebSocket-Version": "13" } }),
    { remoteAddr: { hostname: "127.0.0.1", port: 1, transport: "tcp" } },
  );
  assertEquals(response.status, 429);
  await client.close();
});

Deno.test("Connection.close() sends any code on the platform's WebSocket", async () => {
  const recorder = new Recorder({ onMessage: (connection) => connection.close(1009, "why") });
  await using scene = new MountedScene(recorder);
  const client = await scene.client();
  client.socket.send("x");
  await client.line("close 1009 why");
  await scene.server.drain();
  assertEquals(recorder.lines.at(-1)!.slice(0, 16), "close 1009 clean");
});

Deno.test("Connection.terminate() tells the application at once, and once", async () => {
  const recorder = new Recorder({ onMessage: (connection) => connection.terminate() });
  await using scene = new MountedScene(recorder);
  const client = await scene.client();
  client.socket.send("x");
  await client.until(() => client.lines.length === 2);
  await scene.server.drain();
  assertEquals(recorder.lines, ["open", "text x", "close 1006 unclean"]);
});

Deno.test("WsServer.handler() closes with 1009 when a message is too long", async () => {
  const recorder = new Recorder();
  await using scene = new MountedScene(recorder, { maxMessageBytes: 10 });
  const client = await scene.client();
  client.socket.send("ä".repeat(6));
  await client.until(() => client.lines.length === 2);
  await scene.server.drain();
  assertEquals(recorder.lines, ["open", "close 1009 unclean A message is too long"]);
});

Deno.test("WsServer.handler() closes with 1008 when too much comes a second", async () => {
  const recorder = new Recorder();
  await using scene = new MountedScene(recorder, { maxMessagesPerSecond: 5 });
  const client = await scene.client();
  for (let i = 0; i < 40; i++) client.socket.send("x");
  await client.until(() => client.lines.length === 2);
  await scene.server.drain();
  assertEquals(recorder.lines.at(-1), "close 1008 unclean Too much was sent in a second");
  assert(recorder.lines.length >= 12 && recorder.lines.length < 42);
});

Deno.test("Connection.pause() holds messages back up to a limit", async () => {
  const recorder = new Recorder({
    onMessage: (connection, message) => message === "pause" ? connection.pause() : undefined,
  });
  await using scene = new MountedScene(recorder, { maxMessageBytes: 100 });
  const client = await scene.client();
  const [connection] = recorder.connections;
  for (const each of ["pause", "a", "b"]) client.socket.send(each);
  await client.until(() => true);
  while (scene.server.stats().messagesReceived < 3) await scene.loop.sleep(1);
  assertEquals(recorder.lines, ["open", "text pause"]);
  connection.resume();
  while (recorder.lines.length < 4) await scene.loop.sleep(1);
  assertEquals(recorder.lines.slice(2), ["text a", "text b"]);
  connection.pause();
  client.socket.send("x".repeat(90));
  client.socket.send("x".repeat(90));
  await client.until(() => client.lines.length === 2);
  await scene.server.drain();
  assertEquals(
    recorder.lines.at(-1),
    "close 1008 unclean Too much was sent while nothing was read",
  );
});

Deno.test("WsServer.handler() evicts a peer that does not read", async () => {
  const recorder = new Recorder();
  await using scene = new MountedScene(recorder, { maxBufferedBytes: 1_000_000 });
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: scene.port });
  const head = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  await conn.write(new TextEncoder().encode(head));
  while (recorder.connections.length === 0) await scene.loop.sleep(1);
  const [connection] = recorder.connections;
  let most = 0;
  while (connection.state === "open") {
    connection.send("x".repeat(100_000));
    most = Math.max(most, connection.bufferedBytes);
    await scene.loop.sleep(0);
  }
  assert(most >= 1_000_000 && most < 1_200_000, `${most}`);
  while (recorder.lines.length < 2) await scene.loop.sleep(1);
  assertEquals(recorder.lines[1], "close 1013 unclean The peer reads too slowly");
  assertEquals(scene.server.stats().streams, 0);
  conn.close();
});

Deno.test("Connection.drained() waits on the platform's WebSocket", async () => {
  const recorder = new Recorder();
  await using scene = new MountedScene(recorder);
  const client = await scene.client();
  const [connection] = recorder.connections;
  assertEquals(connection.send("x".repeat(1_000_000)), false);
  await connection.drained();
  assert(connection.bufferedBytes <= 16_384);
  await client.close();
});

Deno.test("Connection.ping() rejects on the platform's WebSocket", async () => {
  const recorder = new Recorder();
  await using scene = new MountedScene(recorder);
  const client = await scene.client();
  await assertRejects(() => recorder.connections[0].ping(), TypeError, "does not offer it");
  await client.close();
});

Deno.test("WsServer.drain() closes mounted connections with 1001", async () => {
  await using scene = new MountedScene(ECHO);
  const client = await scene.client();
  await scene.server.drain();
  await client.until(() => client.lines.length === 2);
  assertEquals(client.lines[1], "close 1001 The server goes away");
  assertEquals((await scene.request("/")).status, 426);
});
