import { assertEquals, assertMatch } from "@std/assert";
import { Attribute, type HandshakeRequest } from "../../../websocket/mod.ts";
import { concat, text } from "../wire/masked_frame.ts";
import { handshakeHead } from "../wire/raw_client.ts";
import { Recorder } from "../wire/recorder.ts";
import { ECHO, WsScene } from "../wire/ws_scene.ts";

Deno.test("WsServer.listen() answers a handshake with 101", async () => {
  await using scene = await WsScene.open();
  const client = await scene.client();
  assertEquals(client.status, 101);
  assertEquals(client.field("upgrade"), "websocket");
  assertEquals(client.field("connection"), "Upgrade");
  assertEquals(client.field("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  assertEquals(client.field("sec-websocket-protocol"), null);
  assertEquals(client.field("sec-websocket-extensions"), null);
});

Deno.test("WsServer.listen() refuses what is no handshake, in words, and closes", async () => {
  await using scene = await WsScene.open();
  const client = await scene.client({ Upgrade: undefined });
  await scene.network.until(() => client.closed);
  assertEquals(client.head.split("\r\n")[0], "HTTP/1.1 426 Upgrade Required");
  assertEquals(client.field("sec-websocket-version"), "13");
  assertEquals(client.field("connection"), "close");
  assertEquals(client.body, "Only WebSocket is spoken here\n");
  assertEquals(client.error, null);
  assertEquals(scene.server.stats().refused, 1);
});

Deno.test("WsServer.listen() reads a handshake that comes byte by byte", async () => {
  await using scene = await WsScene.open();
  const client = await scene.connect();
  await scene.chop(client, handshakeHead());
  assertEquals(client.status, 101);
});

Deno.test("WsServer.listen() reads messages that come right behind the handshake", async () => {
  await using scene = await WsScene.open();
  const client = await scene.connect();
  client.stream.write(concat(handshakeHead(), text("early"), text("bird")));
  await scene.network.until(() => client.lines.length === 2);
  assertEquals(client.lines, ["text:early", "text:bird"]);
});

const PROTOCOLS: [offered: string | undefined, status: number, chosen: string | null][] = [
  [undefined, 101, null],
  ["chat.v2", 101, "chat.v2"],
  ["chat.v1, chat.v2", 101, "chat.v2"],
  ["other, chat.v1", 101, "chat.v1"],
  ["other", 400, null],
];
for (const [offered, status, chosen] of PROTOCOLS) {
  Deno.test(`WsServer.listen() chooses ${chosen} with ${status} when ${offered} is offered`, async () => {
    await using scene = await WsScene.open({ ...ECHO, subprotocols: ["chat.v2", "chat.v1"] });
    const client = await scene.client({ "Sec-WebSocket-Protocol": offered });
    assertEquals([client.status, client.field("sec-websocket-protocol")], [status, chosen]);
    const [connection] = scene.server.connections;
    assertEquals(connection?.subprotocol ?? null, status === 101 ? chosen ?? "" : null);
  });
}

Deno.test("WsServer.listen() chooses no subprotocol when the application has none", async () => {
  await using scene = await WsScene.open();
  const client = await scene.client({ "Sec-WebSocket-Protocol": "whatever" });
  assertEquals([client.status, client.field("sec-websocket-protocol")], [101, null]);
});

Deno.test("WsServer.listen() gives the application the request", async () => {
  let seen: HandshakeRequest | undefined;
  const user = new Attribute<string>("user");
  await using scene = await WsScene.open({
    onHandshake: (request) => {
      seen = request;
      request.attributes.set(user, "ada");
    },
  });
  await scene.client({ "Cookie": "a=1; b=2", "X-Any": "thing" }, "GET /chat?room=7 HTTP/1.1");
  assertEquals(seen!.url.href, "ws://server.example/chat?room=7");
  assertEquals(seen!.headers.get("x-any"), "thing");
  assertEquals([...seen!.cookies], [["a", "1"], ["b", "2"]]);
  assertEquals((seen!.remoteAddress as { hostname: string }).hostname, "10.0.0.2");
  assertEquals(seen!.secure, false);
  const [connection] = scene.server.connections;
  assertEquals(connection.request, seen);
  assertEquals(connection.attributes.get(user), "ada");
  assertMatch(connection.id, /^[0-9a-f]{32}$/);
});

Deno.test("WsServer.listen() refuses as the application says", async () => {
  await using scene = await WsScene.open({
    onHandshake: () => ({ status: 401, headers: [["WWW-Authenticate", "Basic"]], body: "Who?" }),
  });
  const client = await scene.client();
  await scene.network.until(() => client.closed);
  assertEquals([client.status, client.body], [401, "Who?\n"]);
  assertEquals(client.field("www-authenticate"), "Basic");
});

Deno.test("WsServer.listen() adds header fields of the application, and waits for it", async () => {
  await using scene = await WsScene.open({
    onHandshake: async () => {
      await scene.loop.sleep(3000);
      return { headers: [["Set-Cookie", "sid=1"]] };
    },
  });
  const client = await scene.connect();
  client.stream.write(handshakeHead());
  await scene.network.advance(2900);
  assertEquals(client.head, "");
  await scene.network.advance(200);
  assertEquals([client.status, client.field("set-cookie")], [101, "sid=1"]);
});

for (const answer of [{ status: 200 }, { headers: [["A", "b\r\nC: d"]] as const }]) {
  Deno.test(`WsServer.listen() refuses with 500 when the application answers ${JSON.stringify(answer)}`, async () => {
    await using scene = await WsScene.open({ onHandshake: () => answer });
    const client = await scene.client();
    assertEquals([client.status, client.field("C")], [500, null]);
    assertEquals(scene.errors.length, 1);
  });
}

Deno.test("WsServer.listen() refuses with 500 when the application fails", async () => {
  const failure = new TypeError("No database");
  let later = false;
  await using scene = await WsScene.open({
    onHandshake: () => {
      if (later) return Promise.reject(failure);
      later = true;
      throw failure;
    },
  });
  const clients = [await scene.client(), await scene.client()];
  assertEquals(clients.map(({ status }) => status), [500, 500]);
  assertEquals(scene.errors, [failure, failure]);
});

Deno.test("WsServer.listen() refuses with 408 when a handshake takes over 10 s", async () => {
  await using scene = await WsScene.open();
  const slow = await scene.connect();
  const silent = await scene.connect();
  const head = handshakeHead();
  for (let second = 0; second < 9; second++) {
    await scene.send(slow, head.subarray(second, second + 1));
    await scene.network.advance(995);
  }
  assertEquals([slow.head, silent.head], ["", ""]);
  await scene.network.advance(2500);
  assertEquals([slow.status, silent.status], [408, 408]);
  await scene.network.until(() => slow.closed && silent.closed);
  assertEquals(scene.server.stats().streams, 0);
});

Deno.test("WsServer.listen() refuses with 408 when the application takes over 10 s", async () => {
  await using scene = await WsScene.open({ onHandshake: () => new Promise<void>(() => {}) });
  const client = await scene.client();
  assertEquals(client.status, 408);
});

Deno.test("WsServer.listen() terminates a refused client that does not close", async () => {
  await using scene = await WsScene.open();
  const client = await scene.connect();
  client.onEnd = () => {};
  client.stream.write(handshakeHead({ Host: undefined }));
  await scene.network.until(() => client.status === 400);
  assertEquals(scene.server.stats().streams, 1);
  await scene.network.advance(6000);
  assertEquals(scene.server.stats().streams, 0);
});

Deno.test("WsServer.listen() refuses with 431 when the head is too long", async () => {
  await using scene = await WsScene.open(ECHO, { maxHeadBytes: 500 });
  const whole = await scene.client({ "X-Long": "x".repeat(400) });
  assertEquals(whole.status, 431);
  const endless = await scene.connect();
  endless.stream.write(handshakeHead({ "X-Long": "x".repeat(4000) }).subarray(0, 600));
  await scene.network.until(() => endless.closed);
  assertEquals(endless.status, 431);
});

Deno.test("WsServer.listen() refuses with 414 when the request line is too long", async () => {
  await using scene = await WsScene.open(ECHO, { maxHeadBytes: 500 });
  const client = await scene.connect();
  client.stream.write(handshakeHead({}, `GET /${"x".repeat(600)} HTTP/1.1`));
  await scene.network.until(() => client.closed);
  assertEquals(client.status, 414);
});

Deno.test("WsServer.listen() refuses with 503 when there are too many connections", async () => {
  await using scene = await WsScene.open(ECHO, { maxConnections: 2 });
  const [first] = [await scene.client(), await scene.client()];
  const third = await scene.client();
  assertEquals([third.status, third.field("retry-after")], [503, "10"]);
  first.stream.terminate();
  await scene.network.until(() => scene.server.stats().streams === 1);
  assertEquals((await scene.client()).status, 101);
});

Deno.test("WsServer.listen() refuses with 429 when an address has too many connections", async () => {
  await using scene = await WsScene.open(new Recorder(), { maxConnectionsPerAddress: 2 });
  const [first] = [await scene.client(), await scene.client()];
  assertEquals((await scene.client()).status, 429);
  first.stream.terminate();
  await scene.network.advance(1000);
  assertEquals((await scene.client()).status, 101);
});

Deno.test("WsServer.listen() accepts nothing for a client that has gone meanwhile", async () => {
  const recorder = new Recorder({ onHandshake: async () => await scene.loop.sleep(1000) });
  await using scene = await WsScene.open(recorder);
  const client = await scene.connect();
  client.stream.write(handshakeHead());
  await scene.network.advance(500);
  client.stream.terminate();
  await scene.network.advance(5000);
  assertEquals(recorder.lines, []);
  assertEquals(scene.server.stats().streams, 0);
});
