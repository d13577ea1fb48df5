import { assertEquals } from "@std/assert";
import { type WampApplication, WampError } from "../../../websocket/mod.ts";
import { type WampClient, WampScene } from "./wamp_scene.ts";

async function subscribe(client: WampClient, uri: string, options: object = {}): Promise<number> {
  const [[code, , id]] = await client.ask([32, 1, options, uri]) as [number, number, number][];
  assertEquals(code, 33);
  return id;
}

/** An event without the numbers of subscription and publication. */
function told(client: WampClient): unknown[] {
  return client.take().map((event) => (event as unknown[]).toSpliced(1, 2));
}

Deno.test("Broker sends events to others, in both forms and both versions", async () => {
  await using scene = await WampScene.open();
  const [a] = await scene.join("wamp.2.json");
  const [b] = await scene.join("wamp.2.msgpack");
  const c = await scene.connect("wamp");
  c.take();
  const ids = [await subscribe(a, "t"), await subscribe(b, "t")];
  await c.say([5, "t"]);
  assertEquals(ids[0], ids[1]);
  assertEquals(await a.ask([16, 7, {}, "t", ["x", 1], { k: null }]), []);
  assertEquals([told(b), told(c)], [[[36, {}, ["x", 1], { k: null }]], [[8]]]);
  await c.say([7, "t", { v: 1 }]);
  const event = [36, {}, [{ v: 1 }]];
  assertEquals([told(a), told(b), c.take()], [[event], [event], [[8, "t", { v: 1 }]]]);
  assertEquals(scene.wamp.topic("t").broadcast("hi"), 3);
});

Deno.test("Broker passes bytes from one form to the other", async () => {
  await using scene = await WampScene.open();
  const [a] = await scene.join("wamp.2.json");
  const [b] = await scene.join("wamp.2.msgpack");
  await subscribe(a, "t");
  await subscribe(b, "t");
  await b.ask([16, 1, {}, "t", [Uint8Array.of(0, 255)]]);
  assertEquals(told(a), [[36, {}, ["\0AP8="]]]);
  await a.ask([16, 1, {}, "t", ["\0AP8="]]);
  assertEquals(told(b), [[36, {}, [Uint8Array.of(0, 255)]]]);
});

Deno.test("Broker acknowledges what is to be acknowledged", async () => {
  await using scene = await WampScene.open();
  const [a] = await scene.join();
  const [[code, request]] = await a.ask([16, 9, { acknowledge: true }, "t"]) as [number, number][];
  assertEquals([code, request], [17, 9]);
  assertEquals(await a.ask([16, 9, {}, "not a uri"]), []);
  assertEquals(await a.ask([16, 9, { acknowledge: true }, "not a uri"]), [
    [8, 16, 9, {}, "wamp.error.invalid_uri"],
  ]);
  assertEquals(await a.ask([16, 9, { acknowledge: true, exclude: 1 }, "t"]), [
    [8, 16, 9, {}, "wamp.error.invalid_argument"],
  ]);
  assertEquals(await a.ask([16, 9, { acknowledge: true }, "wamp.session.on_join"]), [
    [8, 16, 9, {}, "wamp.error.invalid_uri"],
  ]);
});

Deno.test("Broker sends to those who may get it", async () => {
  await using scene = await WampScene.open();
  const clients = await Promise.all([scene.join(), scene.join(), scene.join("wamp.2.msgpack")]);
  const [[a, idA], [, idB], [, idC]] = clients;
  for (const [client] of clients) await subscribe(client, "t");
  const cases: [object, boolean[]][] = [
    [{}, [false, true, true]],
    [{ exclude_me: false }, [true, true, true]],
    [{ exclude: [idB] }, [false, false, true]],
    [{ exclude_me: false, exclude: [idA, idC] }, [false, true, false]],
    [{ eligible: [idC] }, [false, false, true]],
    [{ eligible: [] }, [false, false, false]],
    [{ eligible: [idA, idB], exclude_me: false }, [true, true, false]],
    [{ eligible: [idB, idC], exclude: [idC] }, [false, true, false]],
    [{ eligible_authrole: ["anonymous"] }, [false, true, true]],
    [{ exclude_authrole: ["anonymous"] }, [false, false, false]],
    [{ exclude_authid: ["nobody"] }, [false, true, true]],
  ];
  for (const [options, expected] of cases) {
    await a.say([16, 1, options, "t"]);
    const got = clients.map(([client]) => client.take().length > 0);
    assertEquals(got, expected, JSON.stringify(options));
  }
});

Deno.test("Broker tells who publishes when that is wanted", async () => {
  await using scene = await WampScene.open();
  const [a, id] = await scene.join();
  const [b] = await scene.join();
  await subscribe(b, "t");
  await a.ask([16, 1, { disclose_me: true }, "t"]);
  const [[, details]] = told(b) as [number, Record<string, unknown>][];
  assertEquals([details.publisher, details.publisher_authrole], [id, "anonymous"]);
});

Deno.test("Broker matches patterns", async () => {
  await using scene = await WampScene.open();
  const [a] = await scene.join();
  const [b] = await scene.join();
  const exact = await subscribe(a, "com.example.a");
  const prefix = await subscribe(a, "com.exa", { match: "prefix" });
  const wildcard = await subscribe(a, "com..a", { match: "wildcard" });
  const cases: [string, number[]][] = [
    ["com.example.a", [exact, prefix, wildcard]],
    ["com.example.b", [prefix]],
    ["com.other.a", [wildcard]],
    ["com.other.a.b", []],
    ["com", []],
  ];
  for (const [topic, expected] of cases) {
    await b.say([16, 1, {}, topic, [1]]);
    const events = a.take() as [number, number, number, { topic?: string }, unknown[]][];
    assertEquals(events.map(([, id]) => id), expected, topic);
    const topics = events.map(([, id, , details]) => id === exact || details.topic === topic);
    assertEquals(topics.every(Boolean), true);
    assertEquals(new Set(events.map(([, , publication]) => publication)).size, events.length && 1);
  }
});

Deno.test("Broker refuses what is no URI or pattern", async () => {
  await using scene = await WampScene.open();
  const [a] = await scene.join();
  const wrong = [["", {}], ["a..b", {}], ["a b", {}], ["a#b", {}], ["a.", {}], [".a", {}]];
  wrong.push(["a..b", { match: "prefix" }], ["", { match: "wildcard" }], ["x".repeat(1025), {}]);
  for (const [uri, options] of wrong) {
    assertEquals(await a.ask([32, 5, options, uri]), [[8, 32, 5, {}, "wamp.error.invalid_uri"]]);
  }
  await subscribe(a, "a.b.", { match: "prefix" });
  await subscribe(a, "", { match: "prefix" });
  await subscribe(a, "..", { match: "wildcard" });
});

Deno.test("Broker ends subscriptions", async () => {
  await using scene = await WampScene.open();
  const [a] = await scene.join();
  const [b] = await scene.join();
  const id = await subscribe(a, "t");
  assertEquals(await subscribe(a, "t"), id);
  const refused = [8, 34, 4, {}, "wamp.error.no_such_subscription"];
  assertEquals(await b.ask([34, 4, id]), [refused]);
  assertEquals(await a.ask([34, 4, id], [34, 4, id]), [[35, 4], refused]);
  await b.say([16, 1, {}, "t"]);
  assertEquals(a.take(), []);
  await subscribe(a, "u", { match: "prefix" });
  a.raw.stream.terminate();
  await scene.ws.network.advance(50);
  assertEquals(await b.ask([16, 1, { acknowledge: true }, "u1"]).then((all) => all.length), 1);
});

Deno.test("Broker keeps its limits", async () => {
  await using scene = await WampScene.open({}, {
    maxSubscriptions: 3,
    maxSubscriptionsPerSession: 2,
  });
  const [a] = await scene.join();
  const [b] = await scene.join();
  const refused = [8, 32, 1, {}, "sluice.error.limit_exceeded", [
    "There are too many subscriptions",
  ]];
  await subscribe(a, "a");
  await subscribe(a, "b");
  assertEquals(await a.ask([32, 1, {}, "c"]), [refused]);
  await subscribe(b, "c");
  assertEquals(await b.ask([32, 1, {}, "d"]), [refused]);
  await subscribe(b, "a");
});

Deno.test("Broker asks who is allowed to", async () => {
  const asked: string[] = [];
  await using scene = await WampScene.open({}, {
    authorize: (session, { kind, uri, match }) => {
      asked.push(`${session.authRole} ${kind} ${uri} ${match}`);
      return Promise.resolve(!uri.startsWith("secret"));
    },
  });
  const [a] = await scene.join();
  const error = "wamp.error.not_authorized";
  assertEquals(await a.ask([32, 1, { match: "prefix" }, "secret"]), [[8, 32, 1, {}, error]]);
  assertEquals(await a.ask([16, 2, { acknowledge: true }, "secret"]), [[8, 16, 2, {}, error]]);
  assertEquals(await a.ask([16, 3, {}, "secret"]), []);
  await subscribe(a, "t");
  assertEquals(asked, [
    "anonymous subscribe secret prefix",
    "anonymous publish secret exact",
    "anonymous publish secret exact",
    "anonymous subscribe t exact",
  ]);
});

Deno.test("WampApplication.onPublish decides what is sent", async () => {
  const errors: unknown[] = [];
  const application: WampApplication = {
    onPublish(_connection, topic, { event, distribute }) {
      if (event === "bad") throw new WampError("app.error.bad", { args: ["Bad"] });
      if (event === "broken") throw new TypeError("Broken");
      if (event === "own") topic.broadcast("changed", { kwargs: { a: 1 } });
      if (event === "pass") distribute();
    },
    onError: (_connection, error) => void errors.push(error),
  };
  await using scene = await WampScene.open(application);
  const [a] = await scene.join();
  const [b] = await scene.join();
  await subscribe(b, "t");
  const publish = (event: string) => a.ask([16, 1, { acknowledge: true }, "t", [event]]);
  await publish("own");
  assertEquals(told(b), [[36, {}, ["changed"], { a: 1 }]]);
  await publish("pass");
  assertEquals(told(b), [[36, {}, ["pass"]]]);
  await publish("drop");
  assertEquals(await publish("bad"), [[8, 16, 1, {}, "app.error.bad", ["Bad"]]]);
  assertEquals([errors.length, told(b)], [0, []]);
  assertEquals(await publish("broken"), [[8, 16, 1, {}, "wamp.error.runtime_error"]]);
  assertEquals(errors.map(String), ["TypeError: Broken"]);
});

Deno.test("WampApplication.onSubscribe fails after the answer", async () => {
  const errors: unknown[] = [];
  await using scene = await WampScene.open({
    onSubscribe: () => Promise.reject(new WampError("app.error")),
    onError: (_connection, error) => void errors.push(error),
  });
  const [a] = await scene.join();
  await subscribe(a, "t");
  assertEquals([errors.length, a.take()], [1, []]);
});

for (const form of ["wamp", "wamp.2.json"]) {
  Deno.test(`Broker subscribes nobody who has gone while it was found out: ${form}`, async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    await using scene = await WampScene.open({}, { authorize: () => promise });
    const [client, ask] = form === "wamp"
      ? [await scene.connect(form), (uri: string) => [5, uri]]
      : [(await scene.join(form))[0], (uri: string) => [32, 1, {}, uri]];
    await client.say(ask("t"), ask("u"));
    client.raw.stream.terminate();
    await scene.ws.network.advance(50);
    resolve(true);
    await scene.ws.network.advance(50);
    assertEquals([scene.wamp.topic("t").size, scene.wamp.topic("u").size], [0, 0]);
    assertEquals(scene.ws.errors, []);
  });
}
