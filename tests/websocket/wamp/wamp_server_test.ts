import { assertEquals, assertThrows } from "@std/assert";
import {
  type Application,
  Rooms,
  WampAggregate,
  type WampApplication,
  WampServer,
} from "../../../websocket/mod.ts";
import { WampScene } from "./wamp_scene.ts";

Deno.test("WampServer.constructor() says what can't be wrapped", () => {
  const wrong: unknown[] = [null, 1, "x", () => ({}), { onCall: 1 }];
  for (const each of wrong) {
    assertThrows(() => new WampServer(each as WampApplication), TypeError, "Cannot wrap");
  }
  const plain = { onMessage: () => undefined } as WampApplication;
  assertThrows(() => new WampServer(plain), TypeError, "onMessage");
  const outer = new Rooms({ onMessage: () => undefined });
  assertThrows(() => new WampServer(outer), TypeError, "put the WampServer into it");
  const twice = new WampServer({}) as WampApplication;
  assertThrows(() => new WampServer(twice), TypeError, "Cannot wrap WampServer in WampServer as");
  assertThrows(() => new WampAggregate({ "a.": outer }), TypeError, "into it");
  const inner = { onCall: () => undefined } as Application;
  assertThrows(() => new Rooms(inner), TypeError, "put a WampServer between");
});

Deno.test("WampServer.constructor() refuses options out of range", () => {
  assertThrows(() => new WampServer({}, { realms: [] }), RangeError);
  assertThrows(() => new WampServer({}, { maxSubscriptions: 0 }), RangeError);
  assertThrows(() => new WampServer({}, { helloTimeoutMs: NaN }), RangeError);
  assertThrows(() => new WampServer({}, { maxCallTimeoutMs: -1 }), RangeError);
});

Deno.test("WampServer.topic() gives topics of realms that are there", () => {
  const wamp = new WampServer({});
  assertEquals([wamp.topic("t").size, wamp.topic("t").broadcast(1)], [0, 0]);
  assertThrows(() => wamp.topic("t", { realm: "other" }), RangeError);
});

Deno.test("WampServer closes a client that names no subprotocol", async () => {
  await using scene = await WampScene.open();
  const raw = await scene.ws.client();
  await scene.ws.network.advance(10);
  assertEquals(raw.lines[0], "close:1008");
});

Deno.test("Topic.broadcast() leaves out who is excluded, and those who are not eligible", async () => {
  await using scene = await WampScene.open();
  const [a, idA] = await scene.join();
  const [b, idB] = await scene.join();
  for (const client of [a, b]) await client.ask([32, 1, {}, "t"]);
  const topic = scene.wamp.topic("t");
  assertEquals([...topic].map(({ id }) => id), [idA, idB]);
  assertEquals(topic.broadcast(1, { exclude: [idA] }), 1);
  assertEquals(topic.broadcast(1, { eligible: [idA] }), 1);
  assertEquals(topic.broadcast(1, { eligible: [idA], exclude: [idA] }), 0);
});
