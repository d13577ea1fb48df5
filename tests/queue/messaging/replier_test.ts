import { assertEquals, assertRejects } from "@std/assert";
import { EventLoop, SimulatedNetwork } from "../../../loop/mod.ts";
import { MessageError, Replier, Requester } from "../../../queue/mod.ts";
import { eachPoller } from "../../loop/conformance/each_poller.ts";
import { StreamRecorder } from "../../loop/conformance/stream_recorder.ts";
import { bind, on, textOf } from "./exchange.ts";

eachPoller("Replier answers all that was asked before the other side ended", async (world) => {
  await using replier = new Replier(async (message) => {
    await world.server.sleep(1);
    return message;
  }, on(world.server, world));
  const { hostname, port } = await bind(replier, world);
  const recorder = new StreamRecorder();
  const stream = await world.client.connectStream({ hostname, port, handlers: recorder });
  const wire = "\0\0\0\0\x06a\0\0\0\0\x06b";
  stream.write(new TextEncoder().encode(wire));
  stream.end();
  await recorder.until(() => recorder.calls.includes("close"));
  assertEquals(recorder.text, wire);
});

eachPoller("Replier lets no answers pile up for who doesn't read them", async (world) => {
  let answered = 0;
  await using replier = new Replier(() => {
    answered++;
    return new Uint8Array(1_000_000);
  }, on(world.server, world));
  const { hostname, port } = await bind(replier, world);
  const recorder = new StreamRecorder({ onData: () => {} });
  const stream = await world.client.connectStream({ hostname, port, handlers: recorder });
  stream.pause();
  for (let i = 0; i < 50; i++) stream.write(new Uint8Array([0, 0, 0, 0, 6, 65]));
  let before = -1;
  while (answered !== before) {
    before = answered;
    await world.client.sleep(50);
  }
  assertEquals(answered < 50, true);
  stream.resume();
  // A message has more frames than one.
  await recorder.until(() => recorder.received >= 50_000_000);
  stream.terminate();
});

Deno.test("Replier answers one connection in order, several at the same time", async () => {
  using network = new SimulatedNetwork({ seed: 7 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const log: string[] = [];
  await using replier = new Replier(async (message) => {
    const [who, ms] = textOf(message).split(" ");
    await loop.sleep(Number(ms));
    log.push(who);
    return message;
  }, { loop });
  await replier.bind({ hostname: "10.0.0.1", port: 80, allow: ["10.0.0.1"] });
  await using one = new Requester({ loop });
  await using other = new Requester({ loop });
  for (const requester of [one, other]) {
    requester.connect({ hostname: "10.0.0.1", port: 80 });
  }
  await Promise.all([
    one.request("a1 100"),
    one.request("a2 1"),
    other.request("b1 10"),
    other.request("b2 10"),
  ]);
  assertEquals(log, ["b1", "b2", "a1", "a2"]);
});

Deno.test("Replier ends the connection of a request that fails, and tells", async () => {
  using network = new SimulatedNetwork({ seed: 8 });
  const loop = new EventLoop({ poller: network.host("10.0.0.1").poller() });
  const errors: unknown[] = [];
  await using replier = new Replier((message) => {
    if (message.length === 0) throw new TypeError("Cannot answer nothing");
    return "x".repeat(message.length);
  }, { loop, maxMessageBytes: 3, onError: (error) => errors.push(error) });
  await replier.bind({ hostname: "10.0.0.1", port: 80, allow: ["10.0.0.1"] });
  await using requester = new Requester({ loop });
  requester.connect({ hostname: "10.0.0.1", port: 80 });
  await using calm = new Requester({ loop });
  calm.connect({ hostname: "10.0.0.1", port: 80 });
  assertEquals(textOf(await calm.request("ab")), "xx");
  const { code } = await assertRejects(() => requester.request(""), MessageError);
  assertEquals([code, errors.map(String)], ["lost", ["TypeError: Cannot answer nothing"]]);
  assertEquals(textOf(await requester.request("abc")), "xxx");
  assertEquals(calm.stats().connections, 1);
});
