import { assertEquals } from "@std/assert";
import { MemoryRelay } from "../../../websocket/mod.ts";
import { WampScene } from "../wamp/wamp_scene.ts";

// While one world is looked at, time flies in the other; and each needs numbers of its own.
const ONE = { seed: 1, pingIntervalMs: 0 };
const TWO = { seed: 2, pingIntervalMs: 0 };

Deno.test("WampServer tells subscribers of other servers, as the publisher wants", async () => {
  const relay = new MemoryRelay();
  await using one = await WampScene.open({}, { relay, scene: ONE });
  await using two = await WampScene.open({}, { relay: new MemoryRelay(relay), scene: TWO });
  const [publisher, publisherId] = await one.join();
  const [near] = await one.join("wamp.2.msgpack");
  const [far, farId] = await two.join("wamp.2.msgpack");
  const [other, otherId] = await two.join();
  const old = await two.connect("wamp");
  for (const client of [publisher, near, far, other]) await client.ask([32, 1, {}, "com.news"]);
  await old.ask([5, "com.news"]);

  const publish = async (options: object, ...values: unknown[]): Promise<unknown[][]> => {
    await publisher.say([16, 2, options, "com.news", ...values]);
    await Promise.resolve();
    await two.ws.network.advance(10);
    const told = [publisher, near, far, other, old].map((client) => client.take());
    // The numbers of subscriptions and publications are the servers' own.
    return told.map((events) =>
      events.map((event) => {
        const [code, ...rest] = event as unknown[];
        return code === 36 ? rest.slice(2) : event;
      })
    );
  };
  const plain = [{}, ["it works", 1], { who: "all" }];
  assertEquals(await publish({}, ["it works", 1], { who: "all" }), [
    [],
    [plain],
    [plain],
    [plain],
    [[8, "com.news", { args: ["it works", 1], kwargs: { who: "all" } }]],
  ]);
  assertEquals(await publish({ exclude: [farId] }, ["x"]), [
    [],
    [[{}, ["x"]]],
    [],
    [[{}, ["x"]]],
    [[8, "com.news", "x"]],
  ]);
  const details = {
    publisher: publisherId,
    publisher_authid: `anonymous-${publisherId}`,
    publisher_authrole: "anonymous",
  };
  const [, , , told] = await publish({ eligible: [otherId], disclose_me: true }, ["y"]);
  const [[seen, values]] = told as [[Record<string, unknown>, unknown[]]];
  assertEquals([seen.publisher, seen.publisher_authrole, values], [
    details.publisher,
    details.publisher_authrole,
    ["y"],
  ]);
});

Deno.test("Topic.broadcast() and WAMP v1 reach other servers", async () => {
  const relay = new MemoryRelay();
  await using one = await WampScene.open({}, { relay, scene: ONE });
  await using two = await WampScene.open({}, { relay: new MemoryRelay(relay), scene: TWO });
  const [near, far] = [await one.connect("wamp"), await two.connect("wamp")];
  const [[, nearId]] = near.take() as [[number, string]];
  await near.ask([5, "com.news"]);
  await far.ask([5, "com.news"]);
  one.wamp.topic("com.news").broadcast({ up: true }, { exclude: [nearId] });
  await near.say([7, "com.news", "hello", true]);
  await Promise.resolve();
  await two.ws.network.advance(10);
  assertEquals(far.take().slice(-2), [[8, "com.news", { up: true }], [8, "com.news", "hello"]]);
  assertEquals(near.take(), []);
});
