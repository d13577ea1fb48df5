import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { ModstampGateway, type ModstampGatewayOptions } from "../../../modstamp/http/mod.ts";
import { MemoryModstampStore, StoreSource } from "../../../modstamp/mod.ts";
import { ManualStore } from "../manual_store.ts";
import { BASE, GatewayWorld } from "./gateway_world.ts";

const TOKEN = { authorization: "Bearer secret" };
const JSON_TYPE = { "content-type": "application/json" };

async function errorOf(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json()).error];
}

Deno.test("ModstampGateway.fetch() tells a value with its entity tag", async () => {
  await using world = await GatewayWorld.start({ prices: "v1" });
  const response = await world.ask("/prices");
  assertEquals(await response.json(), { id: "prices", value: "v1" });
  const etag = response.headers.get("etag")!;
  assertMatch(etag, /^"[\w-]{16}"$/);
  assertEquals(response.headers.get("cache-control"), "no-cache");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");

  for (const shown of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const again = await world.ask("/prices", { headers: { "if-none-match": shown } });
    assertEquals([again.status, await again.text()], [304, ""]);
    assertEquals(again.headers.get("etag"), etag);
  }
  await world.change({ prices: "v2" });
  const changed = await world.ask("/prices", { headers: { "if-none-match": etag } });
  assertEquals([changed.status, (await changed.json()).value], [200, "v2"]);
  assertNotEquals(changed.headers.get("etag"), etag);
});

Deno.test("ModstampGateway.fetch() tells an empty value where there is none", async () => {
  await using world = await GatewayWorld.start();
  const response = await world.ask("/none");
  assertEquals(await response.json(), { id: "none", value: "" });
  const again = await world.ask("/none", { headers: { "if-none-match": "*" } });
  assertEquals([again.status, (await again.json()).value], [200, ""]);
});

Deno.test("ModstampGateway.fetch() tells a value that is no text in base64", async () => {
  await using world = await GatewayWorld.start();
  await world.source.change(new Map([["a", Uint8Array.of(0xff, 0)]]));
  assertEquals(await (await world.ask("/a")).json(), { id: "a", base64: "/wA=" });
});

Deno.test("ModstampGateway.fetch() tells several values", async () => {
  await using world = await GatewayWorld.start({ a: "1", ".": "dot" });
  const response = await world.ask("?id=a&id=.&id=a&id=b");
  const modstamps = [{ id: "a", value: "1" }, { id: ".", value: "dot" }, { id: "b", value: "" }];
  assertEquals(await response.json(), { modstamps });
});

Deno.test("ModstampGateway.fetch() answers HEAD as GET, without a body, and without waiting", async () => {
  await using world = await GatewayWorld.start({ a: "1" });
  const response = await world.ask("/a?known=1", { method: "HEAD" });
  assertEquals([response.status, await response.text()], [200, ""]);
  assertEquals(response.headers.get("content-length"), `${'{"id":"a","value":"1"}'.length}`);
  assertEquals(response.headers.get("etag"), (await world.ask("/a")).headers.get("etag"));
  const headers = { accept: "text/event-stream" };
  const stream = await world.ask("?id=a", { method: "HEAD", headers });
  assertEquals([stream.headers.get("content-type"), stream.body], ["text/event-stream", null]);
});

Deno.test("ModstampGateway.fetch() refuses what it does not offer", async () => {
  await using world = await GatewayWorld.start({}, { maxIds: 2 });
  const post = await world.ask("/a", { method: "POST" });
  assertEquals([post.status, post.headers.get("allow")], [405, "GET, HEAD, PUT, OPTIONS"]);
  const put = await world.ask("", { method: "PUT" });
  assertEquals([put.status, put.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
  const options = await world.ask("/a", { method: "OPTIONS" });
  assertEquals([options.status, options.headers.get("allow")], [204, "GET, HEAD, PUT, OPTIONS"]);
  const badId = "Cannot use id as it is not 1 to 255 of 0-9 A-Z a-z _ . : -";
  assertEquals(await errorOf(await world.ask("/no%20id")), [400, badId]);
  assertEquals(await errorOf(await world.ask(`/${"x".repeat(256)}`)), [400, badId]);
  assertEquals(await errorOf(await world.ask("?id=a&id=")), [400, badId]);
  assertEquals((await world.ask("/%ff")).status, 400);
  assertEquals((await world.ask("/a/b")).status, 404);
  assertEquals((await world.ask("")).status, 400);
  assertEquals((await world.ask("?id=a&id=b&id=c")).status, 400);
  assertEquals((await world.ask("/a?known=&wait=long")).status, 400);
  const elsewhere = await world.gateway.fetch(new Request("http://localhost/v1/modstampsx"));
  assertEquals(elsewhere.status, 404);
  assertEquals(world.gateway.stats().refused, 11);
});

Deno.test("ModstampGateway.fetch() changes a value given as text or JSON", async () => {
  await using world = await GatewayWorld.start();
  const put = async (body: string | undefined, headers: HeadersInit = {}): Promise<unknown> => {
    const init = { method: "PUT", body, headers: { ...TOKEN, ...headers } };
    return await (await world.ask("/a", init)).json();
  };
  assertEquals(await put("v1"), { id: "a", value: "v1" });
  assertEquals(await put('{"value":"v2"}', JSON_TYPE), { id: "a", value: "v2" });
  assertEquals(await put('{"base64":"/wA="}', JSON_TYPE), { id: "a", base64: "/wA=" });
  assertEquals(await put('{"value":""}', JSON_TYPE), { id: "a", value: "" });
  assertEquals(world.source.value("a"), undefined);
  const response = await world.ask("/a", { method: "PUT", headers: TOKEN, body: "v3" });
  assertEquals(response.headers.get("etag"), (await world.ask("/a")).headers.get("etag"));
  assertEquals(world.gateway.stats().changes, 5);
});

Deno.test("ModstampGateway.fetch() makes a value where the request names none", async () => {
  const store = new ManualStore();
  await using world = await GatewayWorld.start({}, { store });
  const put = (strategy: string): Promise<Response> =>
    world.ask("/a", {
      method: "PUT",
      body: JSON.stringify({ strategy }),
      headers: { ...TOKEN, ...JSON_TYPE },
    });
  // Two that count at the same time don't count the same.
  const counted = [put("counter"), put("counter")];
  for (let i = 0; i < 50 && !store.busy; i++) await Promise.resolve();
  while (store.commits.length < 1 || store.busy) {
    if (store.busy) store.succeed();
    await new Promise((resolve) => queueMicrotask(() => resolve(null)));
  }
  const values = await Promise.all(counted.map(async (each) => (await (await each).json()).value));
  assertEquals(values, ["1", "2"]);
});

Deno.test("ModstampGateway.fetch() makes a random value for a request without a body", async () => {
  await using world = await GatewayWorld.start();
  const response = await world.ask("/a", { method: "PUT", headers: TOKEN });
  assertMatch((await response.json()).value, /^[0-9a-f]{24}$/);
});

Deno.test("ModstampGateway.fetch() refuses a change without the token", async () => {
  await using world = await GatewayWorld.start();
  for (const authorization of ["", "Bearer", "Bearer wrong", "Basic secret", "secret"]) {
    const response = await world.ask("/a", {
      method: "PUT",
      body: "1",
      headers: { authorization },
    });
    assertEquals([response.status, response.headers.get("www-authenticate")], [401, "Bearer"]);
  }
  assertEquals([world.source.value("a"), world.gateway.stats().unauthorized], [undefined, 5]);
});

Deno.test("ModstampGateway.fetch() refuses changes when there is no token, unless told otherwise", async () => {
  const init = { method: "PUT", body: "1", headers: TOKEN };
  {
    await using world = await GatewayWorld.start({}, { token: undefined });
    const error = "Cannot change modstamps as that is not allowed here";
    assertEquals(await errorOf(await world.ask("/a", init)), [403, error]);
  }
  await using world = await GatewayWorld.start({}, { token: undefined, writers: "all" });
  assertEquals((await world.ask("/a", { ...init, headers: {} })).status, 200);
});

Deno.test("ModstampGateway.fetch() refuses a change that it can't read", async () => {
  await using world = await GatewayWorld.start();
  const statusOf = async (body: string, headers: HeadersInit = JSON_TYPE): Promise<number> =>
    (await world.ask("/a", { method: "PUT", body, headers: { ...TOKEN, ...headers } })).status;
  assertEquals(await statusOf("{"), 400);
  assertEquals(await statusOf("null"), 400);
  assertEquals(await statusOf('{"value":1}'), 400);
  assertEquals(await statusOf('{"value":"1","strategy":"counter"}'), 400);
  assertEquals(await statusOf('{"vaule":"1"}'), 400);
  assertEquals(await statusOf('{"strategy":"guess"}'), 400);
  assertEquals(await statusOf('{"base64":"?"}'), 400);
  assertEquals(await statusOf("a=1", { "content-type": "text/html" }), 415);
  assertEquals(await statusOf("x".repeat(256), { "content-type": "text/plain" }), 400);
  assertEquals(await statusOf("x".repeat(5000), { "content-type": "text/plain" }), 413);
  assertEquals(world.gateway.stats().changes, 0);
});

Deno.test("ModstampGateway.fetch() answers a change once it is durable, and says when it is not", async () => {
  const store = new ManualStore();
  await using world = await GatewayWorld.start({}, { store, maxChanges: 1 });
  const put = (): Promise<Response> =>
    world.ask("/a", { method: "PUT", body: "1", headers: TOKEN });
  let isDone = false;
  const first = put().finally(() => isDone = true);
  await world.advance(10);
  assertEquals([isDone, store.busy], [false, true]);
  const second = await put();
  assertEquals(
    [...await errorOf(second), second.headers.get("retry-after")],
    [503, "Cannot change modstamp a as too many changes are under way", "5"],
  );
  store.fail();
  assertEquals(
    await errorOf(await first),
    [503, "Cannot change modstamp a as the store has failed"],
  );
  assertEquals(String(world.errors[0]), "StoreError: Cannot write as the disk is full");
  assertEquals([world.gateway.stats().failedChanges, world.gateway.stats().overloaded], [1, 1]);
  const third = put();
  await world.advance(10);
  store.succeed();
  assertEquals((await third).status, 200);
});

Deno.test("ModstampGateway.fetch() reports once what fails together", async () => {
  const store = new ManualStore();
  await using world = await GatewayWorld.start({}, { store });
  const ids = ["a", "b", "c"];
  const asked = ids.map((id) => world.ask(`/${id}`, { method: "PUT", body: "1", headers: TOKEN }));
  await world.advance(10);
  store.fail();
  const answers = await Promise.all(asked);
  assertEquals(answers.map(({ status }) => status), [503, 503, 503]);
  for (const { body } of answers) await body?.cancel();
  assertEquals([world.errors.length, world.gateway.stats().failedChanges], [1, 3]);
});

Deno.test("ModstampGateway.fetch() lets pages of the origins in that it was told", async () => {
  const origins = ["https://example.com"];
  await using world = await GatewayWorld.start({ a: "1" }, { origins });
  const ask = (origin: string, init: RequestInit = {}): Promise<Response> =>
    world.ask("/a", { ...init, headers: { ...init.headers, origin } });
  const preflight = {
    method: "OPTIONS",
    headers: { "access-control-request-method": "PUT" },
  };
  const allowed = await ask("https://example.com", preflight);
  assertEquals(allowed.status, 204);
  assertEquals(allowed.headers.get("access-control-allow-origin"), "https://example.com");
  assertEquals(allowed.headers.get("access-control-allow-methods"), "GET, HEAD, PUT");
  assertMatch(allowed.headers.get("access-control-allow-headers")!, /authorization/);
  const seen = await ask("https://example.com");
  assertEquals(seen.headers.get("access-control-allow-origin"), "https://example.com");
  assertEquals(seen.headers.get("vary"), "origin");
  const refused = await ask("https://evil.example", preflight);
  assertEquals(refused.status, 403);
  assertEquals(refused.headers.has("access-control-allow-methods"), false);
  const unseen = await ask("https://evil.example");
  assertEquals([unseen.status, unseen.headers.has("access-control-allow-origin")], [200, false]);
  const failed = await ask("https://example.com", { method: "PUT" });
  assertEquals(failed.status, 401);
  assertEquals(failed.headers.get("access-control-allow-origin"), "https://example.com");
});

Deno.test("ModstampGateway.fetch() lets the pages of all sites in when told so", async () => {
  await using world = await GatewayWorld.start({ a: "1" }, { origins: "*" });
  const response = await world.ask("/a", { headers: { origin: "https://any.example" } });
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
  assertEquals(response.headers.has("vary"), false);
});

Deno.test("new ModstampGateway() refuses options that make no sense", async () => {
  await using source = await StoreSource.open(new MemoryModstampStore());
  const make = (options: Partial<ModstampGatewayOptions>): ModstampGateway =>
    new ModstampGateway({ source, ...options });
  assertThrows(() => make({ path: "v1" }), RangeError, "no path");
  assertThrows(() => make({ path: "/v1/" }), RangeError, "no path");
  assertThrows(() => make({ token: "" }), RangeError, "token is empty");
  assertThrows(() => make({ origins: ["example.com"] }), RangeError, "no origin");
  assertThrows(() => make({ origins: ["https://example.com/"] }), RangeError, "no origin");
  assertThrows(() => make({ maxIds: 0 }), RangeError, "maxIds must be an integer from 1 to 1000");
  assertThrows(() => make({ heartbeatMs: 0.5 }), RangeError, "heartbeatMs");
});

Deno.test("ModstampGateway.fetch() goes on reporting what it did not expect", async () => {
  await using world = await GatewayWorld.start();
  world.source.value = () => {
    throw new TypeError("unexpected");
  };
  assertEquals(await errorOf(await world.ask("/a")), [500, "Cannot serve request"]);
  assertEquals(world.errors.map(String), ["TypeError: unexpected"]);
  assertEquals(world.gateway.serves(new Request(BASE)), true);
});
