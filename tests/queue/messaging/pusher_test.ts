import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../../loop/mod.ts";
import { MessageError, Puller, Pusher } from "../../../queue/mod.ts";
import { eachPoller } from "../../loop/conformance/each_poller.ts";
import { StreamRecorder } from "../../loop/conformance/stream_recorder.ts";
import vectors from "../../vectors/ring.json" with { type: "json" };
import { bind, on, textOf, until } from "./exchange.ts";

eachPoller("Pusher.push() sends to those that pull in turn", async (world) => {
  await using pusher = new Pusher(on(world.server, world));
  const place = await bind(pusher, world);
  await using first = new Puller(on(world.client, world));
  await using second = new Puller(on(world.client, world));
  for (const puller of [first, second]) {
    puller.connect(place);
    const count = pusher.stats().connections;
    await until(world.server, () => pusher.stats().connections > count);
  }
  for (const text of ["a", "b", "c", "d"]) await pusher.push(text);
  const texts: string[][] = [];
  for (const puller of [first, second]) {
    texts.push([textOf(await puller.pull()), textOf(await puller.pull())]);
  }
  assertEquals(texts.sort(), [["a", "c"], ["b", "d"]]);
});

eachPoller("Pusher.push() waits for somebody who pulls", async (world) => {
  await using pusher = new Pusher(on(world.client, world));
  await using puller = new Puller(on(world.server, world));
  const sent = ["a", "b"].map((text) => pusher.push(text));
  assertEquals(pusher.waiting, 2);
  pusher.connect(await bind(puller, world));
  assertEquals([textOf(await puller.pull()), textOf(await puller.pull())], ["a", "b"]);
  await Promise.all(sent);
  assertEquals(pusher.waiting, 0);
});

eachPoller("Pusher.push() writes the frames of Ring", async (world) => {
  let wire = "";
  const recorder = new StreamRecorder({ onData: (chunk) => void (wire += chunk.toHex()) });
  await using listener = await world.server.listenStream({
    hostname: world.serverHost,
    onConnection: () => recorder,
  });
  const { port } = listener.localAddress as { port: number };
  const messages = vectors.small.messages_hex.map((hex) => Uint8Array.fromHex(hex));
  {
    await using pusher = new Pusher(on(world.client, world));
    pusher.connect({ hostname: world.serverHost, port });
    for (const message of messages) await pusher.push(message);
  }
  await recorder.until(() => recorder.calls.includes("close"));
  assertEquals(wire, vectors.small.wire_hex);
});

eachPoller("Pusher.push() leaves out those that don't keep up", async (world) => {
  await using pusher = new Pusher(on(world.server, world));
  const place = await bind(pusher, world);
  await using slow = new Puller({ ...on(world.client, world), highWaterMark: 1 });
  slow.connect(place);
  await until(world.server, () => pusher.stats().connections === 1);
  const big = new Uint8Array(1_000_000);
  // More than the buffers of the kernel hold.
  const sent = Promise.all(Array.from({ length: 20 }, () => pusher.push(big)));
  await until(world.server, () => pusher.waiting > 0 && slow.waiting === 1);
  await using quick = new Puller(on(world.client, world));
  quick.connect(place);
  let pulled = 0;
  while (pulled + slow.waiting < 20) {
    await quick.pull();
    pulled++;
    if (pusher.waiting === 0) break;
  }
  await sent;
  assert(pulled + quick.waiting > slow.waiting);
});

eachPoller("Pusher connects again when a connection breaks", async (world) => {
  let port = 0;
  await using pusher = new Pusher(on(world.client, world));
  for (let i = 0; i < 3; i++) {
    await using puller = new Puller(on(world.server, world));
    const hostname = world.serverHost;
    const address = await puller.bind({ hostname, port, allow: ["127.0.0.1", "10.0.0.0/8"] });
    if (port === 0) {
      port = (address as { port: number }).port;
      pusher.connect({ hostname, port });
    }
    await pusher.push(`${i}`);
    assertEquals(textOf(await puller.pull()), `${i}`);
    await puller[Symbol.asyncDispose]();
    await until(world.client, () => pusher.stats().connections === 0);
  }
});

Deno.test("Pusher.push() refuses what is too big, too much or too late", async () => {
  await using loop = new EventLoop({ poller: "portable" });
  await using pusher = new Pusher({ loop, highWaterMark: 2, maxMessageBytes: 3 });
  const code = async (push: Promise<void>): Promise<string> =>
    (await assertRejects(() => push, MessageError)).code;
  assertEquals(await code(pusher.push("abcd")), "too-big");

  const stop = new AbortController();
  const given = pusher.push("a", { signal: stop.signal });
  const left = pusher.push("b");
  assertEquals(await code(pusher.push("c")), "full");
  stop.abort(new TypeError("enough"));
  await assertRejects(() => given, TypeError, "enough");
  assertEquals(pusher.waiting, 1);
  await assertRejects(() => pusher.push("c", { signal: stop.signal }), TypeError, "enough");

  await pusher[Symbol.asyncDispose]();
  assertEquals(await code(left), "closed");
  assertEquals(await code(pusher.push("a")), "closed");
  assertThrows(() => pusher.connect({ port: 1 }), MessageError);
  await assertRejects(() => pusher.bind(), MessageError);
});

Deno.test("Pusher() and connect() refuse options that make no sense", async () => {
  assertThrows(() => new Pusher({ highWaterMark: 0 }), RangeError, "high-water mark 0");
  await using pusher = new Pusher();
  for (const port of [undefined, 0, 1.5, 65_536]) {
    assertThrows(() => pusher.connect({ port }), RangeError, `port ${port}`);
  }
  await assertRejects(() => pusher.bind({ allow: ["everyone"] }), SyntaxError);
});

Deno.test("Pusher breaks a connection on which messages come", async () => {
  using network = new SimulatedNetwork({ seed: 3 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  await using one = new Pusher({ loop });
  await using other = new Pusher({ loop });
  const { port } = await one.bind({ hostname: "10.0.0.1", allow: ["10.0.0.1"] }) as {
    port: number;
  };
  other.connect({ hostname: "10.0.0.1", port });
  await Promise.all([other.push("hello"), loop.sleep(50)]);
  assertEquals(one.stats().faults, 1);
  await loop.sleep(1000);
  assertEquals(one.stats().connections, 1);
});

Deno.test("Pusher tries again with growing waits where nobody listens", async () => {
  using network = new SimulatedNetwork({ seed: 4 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  await using pusher = new Pusher({ loop });
  pusher.connect({ hostname: "10.0.0.1", port: 9 });
  await network.advance(1000);
  const { failedAttempts } = pusher.stats();
  assert(failedAttempts >= 3 && failedAttempts <= 6, `${failedAttempts}`);
  await network.advance(600_000);
  const later = pusher.stats().failedAttempts;
  assert(later >= failedAttempts + 18 && later <= failedAttempts + 60, `${later}`);
});
