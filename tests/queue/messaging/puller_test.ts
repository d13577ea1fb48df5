import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../../loop/mod.ts";
import { MessageError, Puller, Pusher } from "../../../queue/mod.ts";
import { eachPoller } from "../../loop/conformance/each_poller.ts";
import { StreamRecorder } from "../../loop/conformance/stream_recorder.ts";
import vectors from "../../vectors/ring.json" with { type: "json" };
import { bind, on, textOf, until } from "./exchange.ts";

eachPoller("Puller.pull() reads the frames of Ring, however they are cut", async (world) => {
  await using puller = new Puller(on(world.server, world));
  const { hostname, port } = await bind(puller, world);
  const stream = await world.client.connectStream({
    hostname,
    port,
    handlers: new StreamRecorder(),
  });
  for (const byte of Uint8Array.fromHex(vectors.small.wire_hex)) {
    stream.write(Uint8Array.of(byte));
    await world.client.sleep(0);
  }
  for (const hex of vectors.small.messages_hex) assertEquals((await puller.pull()).toHex(), hex);
  await stream[Symbol.asyncDispose]();
});

eachPoller("Puller.pull() takes from each connection in turn", async (world) => {
  await using puller = new Puller(on(world.server, world));
  const place = await bind(puller, world);
  await using busy = new Pusher(on(world.client, world));
  await using calm = new Pusher(on(world.client, world));
  for (const pusher of [busy, calm]) pusher.connect(place);
  await Promise.all(Array.from({ length: 50 }, (_, i) => busy.push(`busy ${i}`)));
  await calm.push("calm");
  await until(world.server, () => puller.waiting === 51);
  const texts: string[] = [];
  while (puller.waiting > 0) texts.push(textOf(await puller.pull()));
  assert(texts.indexOf("calm") <= 1);
  assertEquals(
    texts.filter((text) => text !== "calm"),
    Array.from({ length: 50 }, (_, i) => `busy ${i}`),
  );
});

eachPoller("Puller reads no more than may be held, and nothing is lost", async (world) => {
  const options = { ...on(world.server, world), highWaterMark: 4 };
  await using puller = new Puller(options);
  await using pusher = new Pusher(on(world.client, world));
  pusher.connect(await bind(puller, world));
  const bodies = Array.from({ length: 40 }, (_, i) => new Uint8Array(200_000).fill(i));
  const sent = Promise.all(bodies.map((body) => pusher.push(body)));
  await until(world.client, () => puller.waiting >= 4 && pusher.waiting > 0);
  assert(puller.waiting < 8, `${puller.waiting}`);
  for (const body of bodies) assertEquals((await puller.pull())[0], body[0]);
  await sent;
});

eachPoller("Puller breaks a connection that brings no message or too long a one", async (world) => {
  await using puller = new Puller({ ...on(world.server, world), maxMessageBytes: 8 });
  const { hostname, port } = await bind(puller, world);
  const wrong = [
    "GET / HTTP/1.1\r\n\r\n",
    "\0\0\0\0\x0e123456789",
    "\x01\0\0\0\x0a12345\0\0\0\0\x0aabcde",
  ];
  for (const [i, text] of wrong.entries()) {
    const recorder = new StreamRecorder();
    const stream = await world.client.connectStream({ hostname, port, handlers: recorder });
    stream.write(new TextEncoder().encode(text));
    await until(world.server, () => puller.stats().faults === i + 1);
    await stream[Symbol.asyncDispose]();
  }
  await using pusher = new Pusher(on(world.client, world));
  pusher.connect({ hostname, port });
  await pusher.push("12345678");
  assertEquals(textOf(await puller.pull()), "12345678");
});

eachPoller("Puller refuses whom it isn't told to let in", async (world) => {
  await using puller = new Puller(on(world.server, world));
  const { port } = await puller.bind({ hostname: world.serverHost, allow: ["192.0.2.0/24"] }) as {
    port: number;
  };
  const recorder = new StreamRecorder();
  const stream = await world.client.connectStream({
    hostname: world.serverHost,
    port,
    handlers: recorder,
  });
  stream.write(new Uint8Array([0, 0, 0, 0, 6, 65]));
  await recorder.until(() => recorder.calls.includes("close"));
  assertEquals([puller.waiting, puller.stats().refused], [0, 1]);
});

eachPoller("Puller meets pushers on a unix socket", async (world) => {
  const path = world.unixPath();
  await using puller = new Puller(on(world.server, world));
  await puller.bind({ path });
  await using pusher = new Pusher(on(world.client, world));
  pusher.connect({ path });
  await pusher.push("");
  assertEquals(await puller.pull(), new Uint8Array(0));
}, { needs: ["unix"] });

Deno.test("Puller.pull() waits for a message, its signal, or the end", async () => {
  using network = new SimulatedNetwork({ seed: 5 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  await using puller = new Puller({ loop });
  const stop = new AbortController();
  const given = puller.pull({ signal: stop.signal });
  const first = puller.pull();
  const second = puller.pull();
  stop.abort(new TypeError("enough"));
  await assertRejects(() => given, TypeError, "enough");

  await using pusher = new Pusher({ loop });
  const { port } = await puller.bind({ hostname: "10.0.0.1", allow: ["10.0.0.1"] }) as {
    port: number;
  };
  pusher.connect({ hostname: "10.0.0.1", port });
  for (const text of ["a", "b", "c"]) await pusher.push(text);
  assertEquals([textOf(await first), textOf(await second)], ["a", "b"]);
  await loop.sleep(100);

  // What has come can be pulled after the end.
  await puller[Symbol.asyncDispose]();
  const rest: string[] = [];
  for await (const message of puller) rest.push(textOf(message));
  assertEquals(rest, ["c"]);
  assertEquals((await assertRejects(() => puller.pull(), MessageError)).code, "closed");
});

Deno.test("Puller() refuses limits that make no sense", () => {
  assertThrows(() => new Puller({ highWaterMark: 0 }), RangeError);
  assertThrows(() => new Puller({ maxHeldBytes: Number.NaN }), RangeError);
});
