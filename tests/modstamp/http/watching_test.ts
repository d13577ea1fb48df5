import { assertEquals, assertMatch } from "@std/assert";
import { ModstampGateway } from "../../../modstamp/http/mod.ts";
import { GatewayWorld } from "./gateway_world.ts";

Deno.test("ModstampGateway.fetch() with known answers at once when the value is another one", async () => {
  await using world = await GatewayWorld.start({ a: "2" });
  assertEquals((await (await world.ask("/a?known=1")).json()).value, "2");
  assertEquals((await (await world.ask("/a?known=")).json()).value, "2");
});

Deno.test("ModstampGateway.fetch() with known waits for a change", async () => {
  await using world = await GatewayWorld.start({ a: "1" });
  let answer: string | null = null;
  const asked = world.ask("/a?known=1").then(async (response) => answer = await response.text());
  await world.advance(10_000);
  assertEquals([answer, world.gateway.stats().polls], [null, 1]);
  await world.change({ b: "1" });
  await world.advance(10);
  assertEquals(answer, null);
  await world.change({ a: "2" });
  await asked;
  assertEquals(answer, '{"id":"a","value":"2"}');
  assertEquals(world.gateway.stats().polls, 0);
});

Deno.test("ModstampGateway.fetch() waits for as long as asked, up to a maximum", async () => {
  await using world = await GatewayWorld.start({ a: "1" }, { waitMs: 5000, maxWaitMs: 20_000 });
  const times: Record<string, number> = {};
  const asked = ["", "&wait=0", "&wait=2.5", "&wait=900"].map(async (wait) => {
    const response = await world.ask(`/a?known=1${wait}`);
    times[wait] = now;
    assertEquals((await response.json()).value, "1");
  });
  let now = 0;
  for (; now <= 20_000; now += 500) {
    await world.advance(500);
  }
  await Promise.all(asked);
  const rounded = Object.entries(times).map(([wait, ms]) => [wait, Math.round(ms / 1000)]);
  assertEquals(Object.fromEntries(rounded), {
    "": 5,
    "&wait=0": 0,
    "&wait=2.5": 2,
    "&wait=900": 20,
  });
});

Deno.test("ModstampGateway.fetch() with wait and an entity tag waits, and answers 304", async () => {
  await using world = await GatewayWorld.start({ a: "1" });
  const etag = (await world.ask("/a")).headers.get("etag")!;
  const init = { headers: { "if-none-match": etag } };
  const unchanged = world.ask("/a?wait=5", init);
  await world.advance(5001);
  assertEquals((await unchanged).status, 304);
  const changed = world.ask("/a?wait=5", init);
  await world.advance(1000);
  await world.change({ a: "2" });
  assertEquals((await (await changed).json()).value, "2");
});

Deno.test("ModstampGateway.fetch() bounds how many wait, and forgets who has gone", async () => {
  await using world = await GatewayWorld.start({ a: "1" }, { maxPolls: 1 });
  const client = new AbortController();
  const first = world.ask("/a?known=1", { signal: client.signal });
  await world.advance(1);
  const second = await world.ask("/a?known=1");
  assertEquals([second.status, second.headers.get("retry-after")], [503, "5"]);
  await second.body?.cancel();
  assertEquals((await (await world.ask("/a?known=0")).json()).value, "1");
  client.abort();
  await first;
  assertEquals([world.gateway.stats().polls, world.gateway.stats().overloaded], [0, 1]);
});

Deno.test("ModstampGateway.fetch() streams the present values and then each change", async () => {
  await using world = await GatewayWorld.start({ a: "1" });
  const stream = await world.stream(["a", "b"]);
  assertEquals(stream.response.headers.get("content-type"), "text/event-stream");
  assertMatch((await stream.chunk())!, /^retry: \d{4}\n\n$/);
  assertEquals(await stream.events(), ["a=1", "b="]);
  await world.change({ b: "1", c: "1" });
  await world.advance(10);
  assertEquals(await stream.events(), ["b=1"]);
  await world.change({ a: "" });
  await world.advance(10);
  assertEquals(await stream.events(), ["a="]);
  assertEquals(world.gateway.stats().events, 4);
  await stream.cancel();
  assertEquals(world.gateway.stats().streams, 0);
});

Deno.test("ModstampGateway.fetch() tells a slow reader only the last of several values", async () => {
  await using world = await GatewayWorld.start({ a: "0", b: "0" });
  const stream = await world.stream(["a", "b"]);
  await stream.chunk();
  assertEquals(await stream.events(), ["a=0", "b=0"]);
  for (const value of ["1", "2", "3", "4", "5"]) {
    await world.change({ a: value });
    await world.advance(10);
  }
  await world.change({ b: "1" });
  await world.change({ b: "0" });
  const told: string[] = [];
  while (told.at(-1) !== "a=5") told.push(...await stream.events());
  assertEquals(told.includes("a=4"), false);
  assertEquals(told.includes("b=0"), false);
  await stream.cancel();
});

Deno.test("ModstampGateway.fetch() goes on where a stream has ended, at whichever gateway", async () => {
  await using world = await GatewayWorld.start({ a: "1", b: "1", c: "1" });
  const first = await world.stream(["a", "b", "c", "d"]);
  await first.chunk();
  assertEquals(await first.events(), ["a=1", "b=1", "c=1", "d="]);
  await first.cancel();
  await world.change({ a: "2", b: "2", d: "1" });
  await world.change({ b: "1", d: "2", e: "1" });

  using other = new ModstampGateway({ source: world.source });
  const url = "http://localhost/v1/modstamps?id=a&id=b&id=c&id=d";
  const headers = { accept: "text/event-stream", "last-event-id": first.lastEventId };
  const answer = await other.fetch(new Request(url, { headers }));
  const text = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  await text.read();
  const { value } = await text.read();
  assertEquals([...value!.matchAll(/data: (.*)/g)].map(([, json]) => JSON.parse(json!)), [
    { id: "a", value: "2" },
    { id: "d", value: "2" },
  ]);
  await text.cancel();
});

Deno.test("ModstampGateway.fetch() resumes after each event, not only after the last", async () => {
  await using world = await GatewayWorld.start({ a: "1", b: "1" });
  const first = await world.stream(["a", "b"]);
  await first.chunk();
  const chunk = (await first.chunk())!;
  await first.cancel();
  // The connection broke after the first of two events that came together.
  const [, token] = /^id: (\S+)\n/.exec(chunk)!;
  const second = await world.stream(["a", "b"], token);
  await second.chunk();
  assertEquals(await second.events(), ["b=1"]);
  await second.cancel();
});

Deno.test("ModstampGateway.fetch() tells all when Last-Event-ID is of other ids, or none", async () => {
  await using world = await GatewayWorld.start({ a: "1", b: "1" });
  const first = await world.stream(["a", "b"]);
  await first.chunk();
  await first.events();
  await first.cancel();
  for (const token of ["", "7", "x".repeat(24), first.lastEventId.slice(8)]) {
    const stream = await world.stream(["a", "b"], token);
    await stream.chunk();
    assertEquals(await stream.events(), ["a=1", "b=1"]);
    await stream.cancel();
  }
  const swapped = await world.stream(["b", "a"], first.lastEventId);
  await swapped.chunk();
  assertEquals(await swapped.events(), ["b=1", "a=1"]);
  await swapped.cancel();
});

Deno.test("ModstampGateway.fetch() keeps a silent stream alive", async () => {
  await using world = await GatewayWorld.start({ a: "1" }, { heartbeatMs: 1000 });
  const stream = await world.stream(["a"]);
  await stream.chunk();
  await stream.events();
  await world.advance(2100);
  assertEquals(await stream.chunk(), ":\n\n");
  await stream.cancel();
});

Deno.test("ModstampGateway.fetch() drops a stream that nobody reads, and ends it when it is", async () => {
  const options = { heartbeatMs: 1000, slowTimeoutMs: 5000, maxStreams: 1 };
  await using world = await GatewayWorld.start({ a: "1" }, options);
  const open = (): Promise<Response> =>
    world.ask("?id=a", { headers: { accept: "text/event-stream" } });
  const first = await open();
  await world.advance(4500);
  assertEquals(world.gateway.stats().streams, 1);
  await world.advance(2000);
  assertEquals([world.gateway.stats().streams, world.gateway.stats().dropped], [0, 1]);
  // There is room for another one, which keeps its place while the first holds on.
  const second = await open();
  await world.advance(10_000);
  assertEquals([world.gateway.stats().streams, world.gateway.stats().dropped], [1, 1]);
  await world.change({ a: "2" });
  assertMatch(await first.text(), /^retry: \d+\n\n$/);
  await world.advance(2000);
  assertEquals([world.gateway.stats().streams, world.gateway.stats().dropped], [0, 2]);
  await second.body?.cancel();
});

Deno.test("ModstampGateway.fetch() bounds the streams", async () => {
  await using world = await GatewayWorld.start({ a: "1" }, { maxStreams: 1 });
  const first = await world.stream(["a"]);
  const second = await world.ask("?id=a", { headers: { accept: "text/event-stream" } });
  assertEquals([second.status, second.headers.get("retry-after")], [503, "5"]);
  await second.body?.cancel();
  await first.cancel();
  const third = await world.stream(["a"]);
  assertEquals(third.response.status, 200);
  await third.cancel();
});

Deno.test("ModstampGateway tells many streams of a change, in turns", async () => {
  await using world = await GatewayWorld.start({ a: "1" });
  const streams = await Promise.all(Array.from({ length: 600 }, () => world.stream(["a"])));
  for (const stream of streams) {
    await stream.chunk();
    await stream.events();
  }
  await world.change({ a: "2" });
  await world.advance(10);
  for (const stream of streams) {
    assertEquals(await stream.events(), ["a=2"]);
    await stream.cancel();
  }
});

Deno.test("ModstampGateway[Symbol.dispose]() ends streams and answers who waits", async () => {
  await using world = await GatewayWorld.start({ a: "1" });
  const stream = await world.stream(["a"]);
  const asked = world.ask("/a?known=1");
  await world.advance(10);
  world.gateway[Symbol.dispose]();
  assertEquals((await asked).status, 200);
  await stream.chunk();
  while (await stream.chunk() !== null);
  assertEquals((await world.ask("/a")).status, 503);
});
