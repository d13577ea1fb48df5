import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionClosedError } from "../../../websocket/mod.ts";
import { close, pong, text } from "../wire/masked_frame.ts";
import { pair } from "../wire/pair.ts";
import { Recorder } from "../wire/recorder.ts";

Deno.test("Connection.ping() gives the round trip", async () => {
  const { scene, client, connection } = await pair(new Recorder());
  await using _ = scene;
  assertEquals(connection.roundTripMs, null);
  const roundTrip = connection.ping();
  await scene.network.advance(250);
  assertEquals(client.frames[0].opcode, 9);
  await scene.send(client, pong(client.frames[0].payload));
  const ms = await roundTrip;
  assert(ms >= 250 && ms < 260, `${ms}`);
  assertEquals(connection.roundTripMs, ms);
});

Deno.test("Connection.ping() is answered by the pong of a later ping", async () => {
  const { scene, client, connection } = await pair(new Recorder());
  await using _ = scene;
  const pings = [connection.ping(), connection.ping(), connection.ping()];
  await scene.network.until(() => client.frames.length === 3);
  await scene.send(client, pong("unasked"), pong(client.frames[1].payload));
  const [first, second] = await Promise.all(pings.slice(0, 2));
  assertEquals(first, second);
  const rejected = assertRejects(() => pings[2], ConnectionClosedError, "Cannot ping");
  await scene.send(client, close(1000));
  assertEquals((await rejected).code, 1000);
});

Deno.test("Connection.ping() rejects when it is aborted or can't be sent", async () => {
  const { scene, connection } = await pair(new Recorder());
  await using _ = scene;
  const abort = new AbortController();
  const aborted = connection.ping({ signal: abort.signal });
  abort.abort(new TypeError("enough"));
  await assertRejects(() => aborted, TypeError, "enough");
  await assertRejects(() => connection.ping({ signal: abort.signal }), TypeError, "enough");
  for (let i = 0; i < 64; i++) connection.ping().catch(() => {});
  await assertRejects(() => connection.ping(), RangeError, "64 pongs");
  connection.terminate();
  await assertRejects(() => connection.ping(), ConnectionClosedError);
});

Deno.test("WsServer pings a silent peer and keeps one that answers", async () => {
  const recorder = new Recorder();
  const { scene, client } = await pair(recorder, { pingIntervalMs: 10_000, pongTimeoutMs: 5000 });
  await using _ = scene;
  for (let round = 1; round <= 5; round++) {
    await scene.network.until(() => client.frames.length === round);
    await scene.send(client, pong(client.frames[round - 1].payload));
  }
  assert(scene.network.now > 49_000 && scene.network.now < 60_000, `${scene.network.now}`);
  assertEquals(recorder.lines, ["open"]);
  assert(recorder.connections[0].roundTripMs !== null);
});

Deno.test("WsServer terminates a peer that gives no sign of life", async () => {
  const recorder = new Recorder();
  const { scene, client } = await pair(recorder, { pingIntervalMs: 10_000, pongTimeoutMs: 5000 });
  await using _ = scene;
  await scene.network.until(() => client.closed);
  assert(scene.network.now >= 15_000 && scene.network.now < 17_500, `${scene.network.now}`);
  assertEquals(recorder.lines, ["open", "close 1006 unclean"]);
  assertEquals(scene.server.stats().lost, 1);
});

Deno.test("WsServer closes a connection without messages with 1008 after idleTimeoutMs", async () => {
  const recorder = new Recorder();
  const { scene, client } = await pair(recorder, { idleTimeoutMs: 20_000 });
  await using _ = scene;
  await scene.network.advance(15_000);
  await scene.send(client, text("still here"));
  await scene.network.advance(15_000);
  await scene.send(client, pong());
  await scene.network.until(() => client.closed);
  assert(scene.network.now > 35_000 && scene.network.now < 37_500, `${scene.network.now}`);
  assertEquals(client.lines.at(-1), "close:1008");
});

for (
  const [what, options, code] of [
    ["messages", { maxMessagesPerSecond: 10 }, 1008],
    ["bytes", { maxBytesPerSecond: 80 }, 1008],
  ] as const
) {
  Deno.test(`WsServer closes with ${code} when too many ${what} come a second`, async () => {
    const recorder = new Recorder();
    const { scene, client } = await pair(recorder, options);
    await using _ = scene;
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 10; i++) await scene.send(client, text("x"));
      await scene.network.advance(950);
    }
    assertEquals(recorder.lines.length, 101);
    await scene.send(client, ...Array.from({ length: 40 }, () => text("x")));
    await scene.network.until(() => client.closed);
    assertEquals(client.lines, [`close:${code}`]);
    const count = recorder.lines.filter((line) => line === "text x").length;
    assert(count >= 119 && count < 128, `${count}`);
  });
}
