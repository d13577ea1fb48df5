import { assert, assertEquals } from "@std/assert";
import { type Application, Topics, type TopicsOptions } from "../../../websocket/mod.ts";
import { text } from "../wire/masked_frame.ts";
import type { RawClient } from "../wire/raw_client.ts";
import { Recorder } from "../wire/recorder.ts";
import { WsScene } from "../wire/ws_scene.ts";

/** Topics on a scene, and clients that speak their subprotocol. */
class TopicScene implements AsyncDisposable {
  readonly topics: Topics;
  scene!: WsScene;

  constructor(options: TopicsOptions, inner: Application) {
    this.topics = new Topics(inner, options);
  }

  static async open(options: TopicsOptions = {}, inner: Application = new Recorder()) {
    const it = new TopicScene(options, inner);
    it.scene = await WsScene.open(it.topics);
    return it;
  }

  client(): Promise<RawClient> {
    return this.scene.client({ "Sec-WebSocket-Protocol": "sluice.topics" });
  }

  async say(client: RawClient, ...messages: unknown[]): Promise<void> {
    await this.scene.send(client, ...messages.map((each) => text(JSON.stringify(each))));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.scene[Symbol.asyncDispose]();
  }
}

// deno-lint-ignore no-explicit-any -- whatever a server may say
function heard(client: RawClient): any[] {
  return client.lines.map((line) => JSON.parse(line.slice("text:".length)));
}

/** The data of the events that a client heard. */
function events(client: RawClient): unknown[] {
  return heard(client).filter(({ type }) => type === "event").map(({ data }) => data);
}

const NEWS = { type: "subscribe", topic: "news" };

Deno.test("Topics.publish() reaches subscribers until they unsubscribe", async () => {
  await using it = await TopicScene.open();
  const client = await it.client();
  assertEquals(it.topics.publish("news", 1), 0);
  await it.say(client, NEWS);
  assertEquals(it.topics.publish("news", { two: 2 }), 1);
  assertEquals(it.topics.publish("other", 3), 0);
  await it.scene.network.advance(100);
  await it.say(client, { type: "unsubscribe", topic: "news" });
  assertEquals(it.topics.publish("news", 4), 0);
  await it.scene.network.advance(100);
  const [subscribed, event, ...rest] = heard(client);
  assertEquals([subscribed.type, subscribed.gap, rest], ["subscribed", false, []]);
  assertEquals([event.topic, event.data], ["news", { two: 2 }]);
});

Deno.test("Topics gives a client that comes back what it has missed", async () => {
  await using it = await TopicScene.open({ historyEvents: 3 });
  for (let i = 1; i <= 5; i++) it.topics.publish("news", i);
  const first = await it.client();
  await it.say(first, NEWS);
  it.topics.publish("news", 6);
  await it.scene.network.advance(100);
  const after = heard(first).at(-1).id;
  first.stream.terminate();
  await it.scene.network.advance(100);
  for (let i = 7; i <= 9; i++) it.topics.publish("news", i);
  const second = await it.client();
  await it.say(second, { ...NEWS, after });
  it.topics.publish("news", 10);
  await it.scene.network.advance(100);
  assertEquals(heard(second)[0].gap, false);
  assertEquals(events(second), [7, 8, 9, 10]);
  const late = await it.client();
  await it.say(late, { ...NEWS, after });
  assertEquals([heard(late)[0].gap, events(late)], [true, []]);
});

Deno.test("Topics tells of a gap when the client comes from another run of the server", async () => {
  await using it = await TopicScene.open({ historyEvents: 10 });
  it.topics.publish("news", 1);
  for (const after of ["000000000000-0", "", "x", "-1", "000000000000-99999999999999999999"]) {
    const client = await it.client();
    await it.say(client, { ...NEWS, after });
    assertEquals([after, heard(client)[0].gap, events(client)], [after, true, []]);
  }
});

Deno.test("Topics uses no number twice when a topic was forgotten meanwhile", async () => {
  await using it = await TopicScene.open();
  const client = await it.client();
  await it.say(client, NEWS);
  it.topics.publish("news", "seen");
  await it.scene.network.advance(100);
  const after = heard(client).at(-1).id;
  client.stream.terminate();
  await it.scene.network.advance(100);
  assertEquals(it.topics.subscribers("news").size, 0);
  const [same, other] = [await it.client(), await it.client()];
  await it.say(same, { ...NEWS, after });
  assertEquals(heard(same)[0].gap, false);
  it.topics.publish("news", "missed");
  same.stream.terminate();
  await it.scene.network.advance(100);
  await it.say(other, { ...NEWS, after });
  assertEquals(heard(other)[0].gap, true);
});

Deno.test("Topics keeps no more characters than it may", async () => {
  await using it = await TopicScene.open({ historyEvents: 100, maxHistoryCharacters: 1000 });
  const client = await it.client();
  await it.say(client, NEWS);
  it.topics.publish("news", "first");
  await it.scene.network.advance(100);
  const after = heard(client).at(-1).id;
  it.topics.publish("news", "x".repeat(700));
  it.topics.publish("news", "y".repeat(700));
  await it.scene.network.advance(100);
  const last = heard(client).at(-2).id;
  const [gap, none] = [await it.client(), await it.client()];
  await it.say(gap, { ...NEWS, after });
  await it.say(none, { ...NEWS, after: last });
  assertEquals([heard(gap)[0].gap, heard(none)[0].gap], [true, false]);
  assertEquals(events(none), ["y".repeat(700)]);
});

Deno.test("Topics refuses what is not allowed", async () => {
  await using it = await TopicScene.open({
    maySubscribe: (_, topic) => Promise.resolve(topic !== "secret"),
    mayPublish: (_, topic) => topic === "open",
  });
  const client = await it.client();
  await it.say(client, { type: "subscribe", topic: "open" }, {
    type: "subscribe",
    topic: "secret",
  });
  await it.say(client, { type: "publish", topic: "open", data: 1 });
  await it.say(client, { type: "publish", topic: "closed", data: 2 });
  assertEquals(events(client), [1]);
  assertEquals(heard(client).filter(({ type }) => type === "refused"), [
    { type: "refused", request: "subscribe", topic: "secret", reason: "not allowed" },
    { type: "refused", request: "publish", topic: "closed", reason: "not allowed" },
  ]);
});

Deno.test("Topics refuses too many topics, and forgets those nobody needs", async () => {
  await using it = await TopicScene.open({
    maxTopics: 3,
    maxTopicsPerConnection: 2,
    historyEvents: 1,
  });
  for (let i = 0; i < 10; i++) it.topics.publish(`kept ${i}`, i);
  const [a, b] = [await it.client(), await it.client()];
  for (const topic of ["1", "2", "3"]) await it.say(a, { type: "subscribe", topic });
  assertEquals(heard(a).map(({ type }) => type), ["subscribed", "subscribed", "refused"]);
  for (const topic of ["3", "4", "1"]) await it.say(b, { type: "subscribe", topic });
  assertEquals(heard(b).map(({ type }) => type), ["subscribed", "refused", "subscribed"]);
});

Deno.test("Topics passes everything else on", async () => {
  const inner = new Recorder();
  await using it = await TopicScene.open({}, inner);
  const client = await it.client();
  const stranger = await it.scene.client();
  await it.say(client, "text", null, { type: "other", topic: "a" }, { type: "subscribe" });
  await it.scene.send(client, text("{not json"));
  await it.say(stranger, NEWS);
  assertEquals(inner.lines.filter((line) => line.startsWith("text")), [
    'text "text"',
    "text null",
    'text {"type":"other","topic":"a"}',
    'text {"type":"subscribe"}',
    "text {not json",
    'text {"type":"subscribe","topic":"news"}',
  ]);
  assert(it.topics.subscribers("news").size === 0);
});
