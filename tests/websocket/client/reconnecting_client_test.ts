import { assert, assertEquals } from "@std/assert";
import { ClientScene } from "./fake_sockets.ts";

Deno.test("ReconnectingClient sends at once or keeps until it is connected", () => {
  const scene = new ClientScene({ maxQueued: 2 });
  assertEquals(scene.client.send("a"), true);
  assertEquals(scene.client.send("b"), true);
  assertEquals(scene.client.send("c"), false);
  assertEquals([scene.client.state, scene.client.queued], ["connecting", 2]);
  scene.socket.open();
  assertEquals(scene.client.send("d"), true);
  assertEquals(scene.socket.sent, ["a", "b", "d"]);
  assertEquals([scene.client.state, scene.client.queued], ["open", 0]);
  assertEquals(scene.client.protocol, "sluice.topics");
});

Deno.test("ReconnectingClient waits twice as long each time, up to a limit", () => {
  const scene = new ClientScene({ minDelayMs: 100, maxDelayMs: 500 });
  const delays: number[] = [];
  for (let attempt = 0; attempt < 6; attempt++) {
    const { now } = scene;
    const { length } = scene.sockets;
    scene.socket.lose();
    assertEquals(scene.client.state, "waiting");
    while (scene.sockets.length === length) scene.advance(1);
    delays.push(scene.now - now);
  }
  assertEquals(delays, [100, 200, 400, 500, 500, 500]);
});

Deno.test("ReconnectingClient waits between half and all of the time, by chance", () => {
  const scene = new ClientScene({ minDelayMs: 1000, random: () => 0.25 });
  scene.socket.lose();
  scene.advance(624);
  assertEquals(scene.sockets.length, 1);
  scene.advance(1);
  assertEquals(scene.sockets.length, 2);
});

Deno.test("ReconnectingClient begins with the shortest time after a good connection", () => {
  const scene = new ClientScene({ minDelayMs: 100, stableMs: 5000 });
  for (let i = 0; i < 4; i++) {
    scene.socket.lose();
    scene.advance(10_000);
  }
  scene.socket.open();
  scene.advance(4999);
  scene.socket.lose();
  scene.advance(1599);
  assertEquals(scene.sockets.length, 5);
  scene.advance(1);
  assertEquals(scene.sockets.length, 6);
  scene.socket.open();
  scene.advance(5000);
  scene.socket.lose();
  scene.advance(100);
  assertEquals(scene.sockets.length, 7);
});

Deno.test("ReconnectingClient gives up after fatal codes and too many attempts", () => {
  for (const code of [1002, 1003, 1007, 1009, 1010]) {
    const scene = new ClientScene();
    scene.socket.open();
    scene.socket.lose(code);
    scene.advance(100_000);
    assertEquals([scene.sockets.length, scene.client.state, scene.timers], [1, "closed", 0]);
    assertEquals(scene.lines, ["open", `close ${code} for good`]);
  }
  const scene = new ClientScene({ maxAttempts: 2 });
  for (let i = 0; i < 3; i++) {
    scene.socket.lose();
    scene.advance(100_000);
  }
  assertEquals([scene.sockets.length, scene.client.state], [3, "closed"]);
  const own = new ClientScene({ isFatal: (code) => code === 4001 });
  own.socket.lose(1002);
  own.advance(1000);
  own.socket.lose(4001);
  assertEquals(own.lines, ["close 1002 again", "close 4001 for good"]);
});

Deno.test("ReconnectingClient gives up an attempt that takes too long", () => {
  const scene = new ClientScene({ connectTimeoutMs: 3000 });
  scene.advance(3000);
  assert(scene.socket.closedWith !== null);
  assertEquals(scene.client.state, "waiting");
});

Deno.test("ReconnectingClient.close() ends it, in every state", () => {
  const waiting = new ClientScene();
  waiting.socket.lose();
  const open = new ClientScene();
  open.socket.open();
  for (const scene of [new ClientScene(), open, waiting]) {
    scene.client.send("kept");
    scene.client.close(4000, "bye");
    scene.client.close();
    scene.advance(100_000);
    assertEquals([scene.sockets.length, scene.client.state, scene.timers], [1, "closed", 0]);
    assertEquals([scene.client.send("x"), scene.client.queued], [false, 0]);
  }
  assertEquals(open.socket.closedWith, [4000, "bye"]);
});

Deno.test("ReconnectingClient ignores a socket it has given up", () => {
  const scene = new ClientScene();
  const [first] = scene.sockets;
  first.lose();
  scene.advance(1000);
  first.lose();
  first.lose();
  assertEquals(scene.sockets.length, 2);
});

Deno.test("ReconnectingClient.subscribe() asks once a topic, again after each connection", () => {
  const scene = new ClientScene();
  const heard: unknown[] = [];
  scene.client.subscribe("news", (data) => heard.push(data));
  scene.socket.open();
  scene.client.subscribe("news", (data) => heard.push(data));
  scene.client.subscribe("other", () => {});
  const ask = (topic: string, after?: string): string =>
    JSON.stringify(
      after === undefined ? { type: "subscribe", topic } : { type: "subscribe", topic, after },
    );
  assertEquals(scene.socket.sent, [ask("news"), ask("other")]);
  scene.socket.hear({ type: "subscribed", topic: "news", last: "e-4", gap: false });
  scene.socket.hear({ type: "event", topic: "news", id: "e-5", data: 5 });
  assertEquals(heard, [5, 5]);
  scene.socket.lose();
  scene.advance(1000);
  scene.socket.open();
  assertEquals(scene.socket.sent, [ask("news", "e-5"), ask("other")]);
  scene.socket.hear({ type: "subscribed", topic: "news", last: "e-7", gap: false });
  scene.socket.lose();
  scene.advance(1000);
  scene.socket.open();
  // What the server said it has missed did not come before the connection was lost.
  assertEquals(scene.socket.sent[0], ask("news", "e-5"));
});

Deno.test("ReconnectingClient tells of a gap, and goes on from there", () => {
  const scene = new ClientScene();
  scene.client.subscribe("news", () => {});
  scene.socket.open();
  scene.socket.hear({ type: "subscribed", topic: "news", last: "e-4", gap: false });
  scene.socket.lose();
  scene.advance(1000);
  scene.socket.open();
  scene.socket.hear({ type: "subscribed", topic: "news", last: "f-9", gap: true });
  scene.socket.lose();
  scene.advance(1000);
  scene.socket.open();
  assertEquals(scene.lines.filter((line) => line.startsWith("gap")), ["gap news"]);
  assertEquals(JSON.parse(scene.socket.sent[0] as string).after, "f-9");
});

Deno.test("ReconnectingClient.subscribe() returns what ends the subscription", () => {
  const scene = new ClientScene();
  const heard: unknown[] = [];
  scene.socket.open();
  const [first, second] = ["a", "b"].map((name) =>
    scene.client.subscribe("news", (data) => heard.push(name, data))
  );
  first();
  first();
  scene.socket.hear({ type: "event", topic: "news", id: "e-1", data: 1 });
  second();
  scene.socket.hear({ type: "event", topic: "news", id: "e-2", data: 2 });
  assertEquals(heard, ["b", 1]);
  assertEquals(scene.socket.sent.length, 2);
  assertEquals(JSON.parse(scene.socket.sent[1] as string), { type: "unsubscribe", topic: "news" });
});

Deno.test("ReconnectingClient hands over everything that is not about topics", () => {
  const scene = new ClientScene();
  scene.socket.open();
  for (const each of ["text", "{no json", { type: "x", topic: "y" }, null, 5]) {
    scene.socket.hear(each);
  }
  scene.socket.hear({ type: "refused", request: "publish", topic: "t", reason: "not allowed" });
  assertEquals(scene.lines.slice(1), [
    "message text",
    "message {no json",
    'message {"type":"x","topic":"y"}',
    "message null",
    "message 5",
    "refused t not allowed",
  ]);
});

Deno.test("ReconnectingClient speaks nothing of topics where the server does not", () => {
  const scene = new ClientScene({ protocols: [] });
  scene.client.subscribe("news", () => {});
  scene.socket.open("");
  assertEquals([scene.socket.protocols, scene.socket.sent], [[], []]);
  scene.socket.hear({ type: "event", topic: "news", id: "e-1", data: 1 });
  assertEquals(scene.lines.length, 2);
});
