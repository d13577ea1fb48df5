import { assertEquals, assertThrows } from "@std/assert";
import {
  AggregateApplication,
  type Application,
  IpBlocklist,
  type WampApplication,
  WampError,
  WampServer,
} from "../../../websocket/mod.ts";
import { observeApplication, websocketMetrics } from "../../../websocket/telemetry/mod.ts";
import { Recorder } from "../../telemetry/recorder.ts";
import { WampScene } from "../wamp/wamp_scene.ts";

const APPLICATION: WampApplication = {
  onCall(_connection, { procedure, args }) {
    if (procedure === "fail") throw new WampError("no.way");
    return args[0];
  },
};

Deno.test("observeApplication() measures messages and calls, whoever answers them", async () => {
  const telemetry = new Recorder();
  const wrap = (wamp: Application) =>
    observeApplication(new IpBlocklist(wamp, { blocked: ["10.9.8.7"] }), { telemetry });
  await using scene = await WampScene.open(APPLICATION, { wrap, authorize: () => true });
  const [callee] = await scene.join();
  const [caller] = await scene.join();
  const [registered] = await callee.ask([64, 1, {}, "double"]);
  await caller.say([48, 1, {}, "echo", [7]], [48, 2, {}, "fail"], [48, 3, {}, "double", [4]]);
  const [invocation] = callee.take() as [number, number][];
  await callee.say([70, invocation[1], {}, [8]]);
  assertEquals((registered as unknown[])[0], 65);
  const calls = telemetry.measures.filter(([name]) => name === "sluice_wamp_call_seconds");
  assertEquals(calls.map(([, , labels]) => labels), [
    { procedure: "echo", outcome: "result" },
    { procedure: "fail", outcome: "error" },
    { procedure: "double", outcome: "result" },
  ]);
  const spans = telemetry.spans.filter(({ name }) => name === "wamp call");
  assertEquals(spans.map(({ events }) => events.at(-1)), ["end", "end", "end"]);
  const messages = telemetry.measures.filter(([name]) => name.includes("message"));
  assertEquals(messages.length, 7);
  assertEquals(scene.ws.errors, []);
});

Deno.test("observeApplication() calls procedures that nobody has by one name", async () => {
  const telemetry = new Recorder();
  await using scene = await WampScene.open({}, {
    wrap: (wamp) => observeApplication(wamp, { telemetry }),
  });
  const [caller] = await scene.join();
  await caller.say([48, 1, {}, "x1"], [48, 2, {}, "x2"]);
  const calls = telemetry.measures.filter(([name]) => name === "sluice_wamp_call_seconds");
  assertEquals(calls.map(([, , labels]) => labels), [
    { procedure: "unknown", outcome: "error" },
    { procedure: "unknown", outcome: "error" },
  ]);
});

Deno.test("observeApplication() finds servers of WAMP in an aggregate", () => {
  const telemetry = new Recorder();
  let observed = 0;
  const wamp = new WampServer({});
  wamp.observe = () => void observed++;
  observeApplication(new AggregateApplication({ "/wamp": wamp }), { telemetry });
  assertEquals(observed, 1);
});

Deno.test("websocketMetrics() tells of connections, messages and topics", async () => {
  const telemetry = new Recorder();
  await using scene = await WampScene.open();
  telemetry.watch(websocketMetrics(scene.ws.server, scene.wamp));
  const [client] = await scene.join();
  await client.say([32, 1, {}, "news"]);
  const values = telemetry.values();
  assertEquals(values.sluice_websocket_connections, 1);
  assertEquals(values.sluice_websocket_messages_received_total, 2);
  assertEquals(values["sluice_websocket_topics WAMP topic in realm1"], 1);
  assertEquals(values["sluice_websocket_subscriptions WAMP topic in realm1"], 1);
});

Deno.test("observeApplication() does at once what is done at once, where nobody traces", () => {
  const telemetry = Object.assign(new Recorder(), { traces: false });
  const application = observeApplication({
    onMessage(_connection, message) {
      if (message === "bad") throw new RangeError("No");
    },
  }, { telemetry });
  assertEquals(application.onMessage?.(null as never, "good"), undefined);
  assertThrows(() => application.onMessage?.(null as never, "bad"), RangeError, "No");
  assertEquals([telemetry.measures.length, telemetry.spans.length], [2, 0]);
});
