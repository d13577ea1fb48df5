import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../loop/mod.ts";
import {
  ModstampClient,
  ModstampServer,
  NoAnswerError,
  SecurityProfile,
  UnconfirmedError,
  UnreachableError,
} from "../../modstamp/mod.ts";
import { clientOn } from "./simulated_client.ts";
import { SERVER_ADDRESS, SimulatedServer, STRANGER, WRITER } from "./simulated_server.ts";

const KEY_TEXT = "07".repeat(32);

function profileWith(id: string, key = KEY_TEXT): SecurityProfile {
  return SecurityProfile.from([{ encryption: "aes-256-gcm", permission: "rw", id, key }]);
}

Deno.test("ModstampClient.send() stores values, get() reads them", async () => {
  using world = await SimulatedServer.start();
  await using client = clientOn(world.network.host(WRITER));
  const sent = await client.send({ a: "1", b: "žluť", c: Uint8Array.of(0x78) });
  assertEquals(sent, new Map([["a", "1"], ["b", "žluť"], ["c", "x"]]));
  assertEquals(world.server.value("b"), new TextEncoder().encode("žluť"));
  assertEquals(
    await client.get(["a", "b", "d"]),
    new Map([["a", "1"], ["b", "žluť"], ["d", ""]]),
  );
  assertEquals(await client.send({ a: "" }), new Map([["a", ""]]));
  assertEquals(world.server.value("a"), undefined);
  assertEquals(await client.get([]), new Map());
  assertEquals(await client.send({}), new Map());
});

Deno.test("ModstampClient takes as many ids at a time as one likes", async () => {
  using world = await SimulatedServer.start();
  await using client = clientOn(world.network.host(WRITER));
  const ids = Array.from({ length: 300 }, (_, i) => `${i}`.padStart(100, "x"));
  const values = Object.fromEntries(ids.map((id, i) => [id, `${i}`]));
  assertEquals(await client.send(values), new Map(Object.entries(values)));
  assertEquals(await client.get(ids), new Map(Object.entries(values)));
});

Deno.test("ModstampClient sends again until it is answered, however bad the network", async () => {
  using world = await SimulatedServer.start({}, {
    faults: { loss: 0.4 },
  });
  await using client = clientOn(world.network.host(WRITER));
  for (let i = 0; i < 20; i++) {
    await client.send({ a: `${i}`, b: `${i}` });
    assertEquals(await client.get(["a", "b"]), new Map([["a", `${i}`], ["b", `${i}`]]));
  }
});

Deno.test("ModstampClient sends again only what is not answered", async () => {
  using world = await SimulatedServer.start({ maxIds: 1 });
  await using client = clientOn(world.network.host(WRITER));
  const error = await assertRejects(
    () => client.send({ a: "1", b: "2" }, { timeoutMs: 150 }),
    UnconfirmedError,
    "Cannot confirm b as 10.0.0.1:1415 does not answer",
  );
  assertEquals(error.confirmed, new Map([["a", "1"]]));
  assertEquals([error.unconfirmed, error.server, error.name], [
    ["b"],
    "10.0.0.1:1415",
    "UnconfirmedError",
  ]);
  const { packets, changes, overloaded } = world.server.stats();
  assertEquals([packets, changes, overloaded], [2, 3, 2]);
});

Deno.test("ModstampClient waits longer after each try", async () => {
  const times: number[] = [];
  using world = await SimulatedServer.start({}, {
    onEvent: ({ what, atMs }) => void (what === "sent" && times.push(atMs)),
  });
  const client = clientOn(world.network.host(WRITER));
  world.host.crash();
  const start = world.network.now;
  await assertRejects(() => client.get(["a"]), NoAnswerError);
  assertEquals(world.network.now - start, 5000);
  const waits = times.slice(1).map((time, i) => time - times[i]!);
  assert(Math.abs(waits[0]! - 100) < 1);
  for (const [i, wait] of waits.slice(1).entries()) {
    const base = Math.min(200 * 2 ** i, 1000);
    assert(wait >= base / 2 - 1 && wait <= base * 1.5 + 1, `${waits}`);
  }
});

Deno.test("ModstampClient.get() fails when the server does not answer in time", async () => {
  using world = await SimulatedServer.start();
  const client = clientOn(world.network.host(WRITER));
  world.network.partition([world.host]);
  const ids = ["a", "b", "c", "d", "e", "f", "g"];
  const error = await assertRejects(() => client.get(ids, { timeoutMs: 1234 }), NoAnswerError);
  assertEquals(
    error.message,
    "Cannot get a, b, c, d, e and 2 more as 10.0.0.1:1415 does not answer",
  );
  assertEquals([error.ids, error.server, error.name], [ids, "10.0.0.1:1415", "NoAnswerError"]);
  assertEquals(world.network.now, 1234);
});

Deno.test("ModstampClient fails when the host is not known", async () => {
  using world = await SimulatedServer.start();
  const client = clientOn(world.network.host(WRITER), { hostname: "nowhere.test", port: 7 });
  const calls = [
    () => client.get(["a"]),
    () => client.send({ a: "1" }),
    () => client.listen({ a: null }).next(),
  ];
  for (const call of calls) {
    const error = await assertRejects(call, UnreachableError);
    assertEquals(error.message, "Cannot reach nowhere.test:7 as the name is not known");
    assertEquals(error.server, "nowhere.test:7");
  }
});

Deno.test("ModstampClient finds a host again that was not known before", async () => {
  using world = await SimulatedServer.start();
  const client = clientOn(world.network.host(WRITER), { hostname: "server.test" });
  await assertRejects(() => client.get(["a"]), UnreachableError);
  world.network.host("10.0.0.9", { name: "server.test", addresses: ["10.0.0.8"] });
  await assertRejects(() => client.get(["a"], { timeoutMs: 100 }), NoAnswerError);
});

Deno.test("ModstampClient tries the addresses of a host in turn", async () => {
  using network = new SimulatedNetwork({ seed: 1 });
  const addresses = ["10.7.0.2", "10.7.0.3"];
  const host = network.host("10.7.0.1", { name: "many.test", addresses });
  const loop = new EventLoop({ poller: host.poller() });
  await ModstampServer.listen({ loop, hostname: "10.7.0.3" });
  await using client = clientOn(network.host(WRITER), { hostname: "many.test" });
  assertEquals(await client.get(["a"]), new Map([["a", ""]]));
  const elapsed = network.now;
  assert(elapsed > 200 && elapsed < 500, "two addresses do not answer");
  assertEquals(await client.get(["a"]), new Map([["a", ""]]));
  assert(network.now - elapsed < 10, "it stays with the one that does");
});

Deno.test("ModstampClient gives up with the reason of its signal", async () => {
  using world = await SimulatedServer.start();
  const client = clientOn(world.network.host(WRITER));
  world.network.partition([world.host]);
  const controller = new AbortController();
  const { signal } = controller;
  const calls = [client.get(["a"], { signal }), client.send({ a: "1" }, { signal })];
  const failing = calls.map((call) => assertRejects(() => call, RangeError, "Enough"));
  await world.network.advance(300);
  controller.abort(new RangeError("Enough"));
  await Promise.all(failing);
  await assertRejects(() => client.get(["a"], { signal }), RangeError, "Enough");
  await assertRejects(() => client.send({ a: "1" }, { signal }), RangeError, "Enough");
  const { sent } = world.network.stats();
  await world.network.advance(10_000);
  assertEquals(world.network.stats().sent, sent, "it sends nothing any more");
});

Deno.test("ModstampClient gives up while the name is being resolved", async () => {
  using world = await SimulatedServer.start();
  const loop = new EventLoop({ poller: world.network.host(WRITER).poller() });
  loop.resolve = () => new Promise(() => {});
  const client = new ModstampClient({ hostname: "slow.test", loop });
  const signal = AbortSignal.abort(new RangeError("Enough"));
  await assertRejects(() => client.get(["a"], { signal }), RangeError, "Enough");
  await assertRejects(() => client.get(["a"], { timeoutMs: 700 }), NoAnswerError);
  assertEquals(loop.now(), 700);
});

Deno.test("ModstampClient.send() makes values by a strategy", async () => {
  using world = await SimulatedServer.start();
  await using client = clientOn(world.network.host(WRITER));
  const values = { a: null, b: "set" };
  const random = await client.send(values);
  assert(/^[0-9a-f]{24}$/.test(random.get("a")!));
  assertEquals(random.get("b"), "set");
  const counts = [];
  for (let i = 0; i < 3; i++) {
    counts.push((await client.send({ n: null }, { strategy: "counter" })).get("n"));
  }
  assertEquals(counts, ["1", "2", "3"]);
  await world.network.advance(1000);
  const time = (await client.send({ t: null }, { strategy: "timestamp" })).get("t")!;
  assert(Math.abs(Number(time) - Date.UTC(2025, 0, 1) - world.network.now) < 100);
});

Deno.test("ModstampClient.send() does not take the confirmation of another value", async () => {
  using world = await SimulatedServer.start();
  await using client = clientOn(world.network.host(WRITER));
  const sends = ["1", "2", "3"].map((value) => client.send({ a: value }));
  for (const [i, sent] of (await Promise.all(sends)).entries()) {
    assertEquals(sent.get("a"), `${i + 1}`);
  }
});

Deno.test("ModstampClient protects its packets by the entry for the server", async () => {
  using world = await SimulatedServer.start();
  const host = world.network.host(STRANGER);
  await using plain = clientOn(host);
  await assertRejects(() => plain.send({ a: "1" }, { timeoutMs: 200 }), UnconfirmedError);
  await using office = clientOn(host, { profile: profileWith("office") });
  await office.send({ a: "1" });
  assertEquals(await plain.get(["a"]), new Map([["a", "1"]]));
  await using thief = clientOn(host, { profile: profileWith("office", "08".repeat(32)) });
  await assertRejects(() => thief.get(["a"], { timeoutMs: 200 }), NoAnswerError);
  const elsewhere = SecurityProfile.from([
    { encryption: "aes-256-gcm", permission: "rw", id: "x", key: KEY_TEXT, hosts: ["10.9.0.0/16"] },
    { encryption: "plain", permission: "rw", hosts: [SERVER_ADDRESS] },
  ]);
  await using chosen = clientOn(host, { profile: elsewhere });
  assertEquals(await chosen.get(["a"]), new Map([["a", "1"]]));
});

Deno.test("ModstampClient[Symbol.asyncDispose]() ends requests under way", async () => {
  using world = await SimulatedServer.start();
  const client = clientOn(world.network.host(WRITER));
  world.network.partition([world.host]);
  const failing = [
    assertRejects(() => client.get(["a"]), NoAnswerError),
    assertRejects(() => client.send({ a: "1" }), UnconfirmedError),
  ];
  await world.network.advance(300);
  await client[Symbol.asyncDispose]();
  await Promise.all(failing);
  await client[Symbol.asyncDispose]();
  const calls = [() => client.get(["a"]), () => client.listen({ a: null }).next()];
  for (const call of calls) {
    await assertRejects(call, TypeError, "Cannot use modstamp client as it was closed");
  }
  const { sent } = world.network.stats();
  await world.network.advance(10_000);
  assertEquals(world.network.stats().sent, sent, "it sends nothing any more");
});

Deno.test("ModstampClient[Symbol.asyncDispose]() ends a client that has not begun yet", async () => {
  using world = await SimulatedServer.start();
  const client = clientOn(world.network.host(WRITER));
  const failing = assertRejects(() => client.get(["a"]), NoAnswerError);
  await client[Symbol.asyncDispose]();
  await failing;
  await clientOn(world.network.host(WRITER))[Symbol.asyncDispose]();
});

Deno.test("ModstampClient refuses what can't be", async () => {
  using world = await SimulatedServer.start();
  const host = world.network.host(WRITER);
  for (
    const options of [{ port: 0 }, { port: 65_536 }, { packetBytes: 799 }, { packetBytes: NaN }]
  ) {
    assertThrows(() => clientOn(host, options), RangeError, "Cannot use modstamp client as ");
  }
  await using client = clientOn(host);
  await assertRejects(() => client.get(["two words"]), RangeError, "Cannot use modstamp id");
  await assertRejects(() => client.send({ "": "1" }), RangeError, 'Cannot use modstamp id ""');
  await assertRejects(
    () => client.send({ a: "ž".repeat(128) }),
    RangeError,
    "Cannot use the value of modstamp a as it has more than 255 bytes: 256",
  );
  assertThrows(() => client.listen({ "two words": null }), RangeError);
  assertThrows(() => client.listen({ a: new Uint8Array(256) }), RangeError);
  for (const options of [{ silenceMs: 0 }, { maxQueryMs: 0 }, { minQueryMs: 2, maxQueryMs: 1 }]) {
    assertThrows(
      () => client.listen({ a: null }, options),
      RangeError,
      "Cannot use modstamp client",
    );
  }
  const tooMany = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`${i}`, null]));
  assertThrows(() => client.listen(tooMany), RangeError, "Cannot listen to 10001 modstamps");
});
