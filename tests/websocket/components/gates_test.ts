import { assertEquals, assertThrows } from "@std/assert";
import { AggregateApplication, IpBlocklist, OriginCheck } from "../../../websocket/mod.ts";
import { text } from "../wire/masked_frame.ts";
import { Recorder } from "../wire/recorder.ts";
import { ECHO, WsScene } from "../wire/ws_scene.ts";

const ORIGINS: [origin: string | undefined, status: number][] = [
  ["https://example.com", 101],
  ["HTTPS://EXAMPLE.COM", 101],
  ["https://example.com:443", 101],
  ["http://example.com", 403],
  ["https://example.com:8443", 403],
  ["https://example.com.evil.test", 403],
  ["https://evil.test/https://example.com", 403],
  ["http://localhost:1234", 101],
  ["https://localhost", 101],
  ["null", 403],
  ["", 403],
  [undefined, 403],
];
for (const [origin, status] of ORIGINS) {
  Deno.test(`OriginCheck.onHandshake() answers ${status} when the origin is ${origin}`, async () => {
    const check = new OriginCheck(ECHO, { origins: ["https://example.com", "localhost"] });
    await using scene = await WsScene.open(check);
    assertEquals((await scene.client({ Origin: origin })).status, status);
  });
}

Deno.test("OriginCheck.onHandshake() lets clients without origin in when they are allowed", async () => {
  const check = new OriginCheck(ECHO, { origins: ["localhost"], allowMissing: true });
  await using scene = await WsScene.open(check);
  assertEquals((await scene.client()).status, 101);
  assertEquals((await scene.client({ Origin: "http://evil.test" })).status, 403);
});

Deno.test("OriginCheck.onHandshake() lets in pages of the host itself, if that is wanted", async () => {
  const check = new OriginCheck(ECHO, { origins: [], sameHost: true });
  await using scene = await WsScene.open(check);
  const cases: [origin: string, host: string, status: number][] = [
    ["https://example.com", "example.com", 101],
    ["http://example.com:3000", "example.com:8000", 101],
    ["https://evil.test", "example.com", 403],
    ["https://example.com.evil.test", "example.com", 403],
    ["null", "example.com", 403],
  ];
  for (const [Origin, Host, status] of cases) {
    assertEquals((await scene.client({ Origin, Host })).status, status, Origin);
  }
});

for (
  const origin of ["https://example.com/", "https://a/b", "a/b", "https://", "a b", "host:80x"]
) {
  Deno.test(`OriginCheck.constructor() throws when an origin is ${origin}`, () => {
    assertThrows(() => new OriginCheck(ECHO, { origins: [origin] }), SyntaxError, origin);
  });
}

Deno.test("IpBlocklist.onHandshake() refuses addresses while they are blocked", async () => {
  const list = new IpBlocklist(ECHO, { blocked: ["10.0.0.0/30", "2001:db8::/32"] });
  await using scene = await WsScene.open(list);
  assertEquals((await scene.client()).status, 403);
  assertEquals(list.unblock("10.0.0.0/30"), true);
  assertEquals(list.unblock("10.0.0.0/30"), false);
  assertEquals((await scene.client()).status, 101);
  list.block("10.0.0.2");
  assertEquals((await scene.client()).status, 403);
  assertEquals(list.blocked, ["2001:db8::/32", "10.0.0.2"]);
});

Deno.test("IpBlocklist.isBlocked() knows the mapped form, and no names", () => {
  const list = new IpBlocklist(ECHO, { blocked: ["203.0.113.0/24", "fe80::/10"] });
  assertEquals(list.isBlocked("::ffff:203.0.113.9"), true);
  assertEquals(list.isBlocked("fe80::1%eth0"), true);
  assertEquals(list.isBlocked("203.0.114.1"), false);
  assertEquals(list.isBlocked("localhost"), false);
});

Deno.test("IpBlocklist.block() throws when the range is malformed or there are too many", () => {
  const list = new IpBlocklist(ECHO, { maxRanges: 1 });
  assertThrows(() => list.block("300.0.0.1"), SyntaxError, "300.0.0.1");
  list.block("10.0.0.1");
  list.block("10.0.0.1");
  assertThrows(() => list.block("10.0.0.2"), RangeError);
});

Deno.test("AggregateApplication chooses by path, the longest that fits", async () => {
  const [chat, rooms, inner] = [new Recorder(), new Recorder(), new Recorder()];
  const aggregate = new AggregateApplication({
    "/chat": chat,
    "/rooms/*": rooms,
    "/rooms/inner/*": new OriginCheck(inner, { origins: ["localhost"] }),
  });
  await using scene = await WsScene.open(aggregate);
  const status = async (path: string, fields = {}): Promise<number> =>
    (await scene.client(fields, `GET ${path} HTTP/1.1`)).status;
  assertEquals(await status("/chat?name=x"), 101);
  assertEquals(await status("/chat/"), 404);
  assertEquals(await status("/"), 404);
  assertEquals(await status("/rooms/7"), 101);
  assertEquals(await status("/rooms"), 404);
  assertEquals(await status("/rooms/inner/1"), 403);
  assertEquals(await status("/rooms/inner/1", { Origin: "http://localhost" }), 101);
  const client = await scene.client({}, "GET /chat HTTP/1.1");
  await scene.send(client, text("hello"));
  client.stream.terminate();
  await scene.network.advance(100);
  assertEquals(chat.lines, ["open", "open", "text hello", "close 1006 unclean"]);
  assertEquals([rooms.lines, inner.lines], [["open"], ["open"]]);
});

Deno.test("AggregateApplication speaks the subprotocols of the application asked for", async () => {
  const aggregate = new AggregateApplication({
    "/a": { ...ECHO, subprotocols: ["a"] },
    "/b": { ...ECHO, subprotocols: () => ["b"] },
  });
  await using scene = await WsScene.open(aggregate);
  const offer = { "Sec-WebSocket-Protocol": "b" };
  const [a, b] = [
    await scene.client(offer, "GET /a HTTP/1.1"),
    await scene.client(offer, "GET /b HTTP/1.1"),
  ];
  assertEquals([a.status, b.status, b.field("sec-websocket-protocol")], [400, 101, "b"]);
});

Deno.test("AggregateApplication tells the application of its own failures", async () => {
  const failing = new Recorder({
    onMessage: () => {
      throw new TypeError("failed");
    },
    onError: (connection) => connection.close(4000),
  });
  await using scene = await WsScene.open(new AggregateApplication({ "/x": failing }));
  const client = await scene.client({}, "GET /x HTTP/1.1");
  await scene.send(client, text("hello"));
  assertEquals(client.lines, ["close:4000"]);
});

for (const path of ["chat", "/a*b", "/a?b", "*", ""]) {
  Deno.test(`AggregateApplication.constructor() throws when a path is ${path}`, () => {
    assertThrows(() => new AggregateApplication({ [path]: ECHO }), SyntaxError);
  });
}
