import { assert, assertEquals, assertThrows } from "@std/assert";
import { close, concat, frame, hex, text } from "../wire/masked_frame.ts";
import { pair } from "../wire/pair.ts";
import { handshakeHead } from "../wire/raw_client.ts";
import { Recorder } from "../wire/recorder.ts";
import { WsScene } from "../wire/ws_scene.ts";

Deno.test("Connection.send() sends text and bytes, of which it makes a copy", async () => {
  const { scene, client, connection } = await pair(new Recorder());
  await using _ = scene;
  const bytes = new Uint8Array(20_000).fill(7);
  assertEquals(connection.send("text"), true);
  assertEquals(connection.send(bytes), true);
  bytes.fill(9);
  await scene.network.until(() => client.lines.length === 2);
  assertEquals(client.lines, ["text:text", `binary:${"07".repeat(20_000)}`]);
});

Deno.test("Connection.send() answers false and sends nothing when it is not open", async () => {
  const { scene, client, connection } = await pair(new Recorder());
  await using _ = scene;
  connection.close();
  assertEquals(connection.state, "closing");
  assertEquals(connection.send("late"), false);
  await scene.network.until(() => client.lines.length === 1);
  assertEquals(client.lines, ["close:1000"]);
});

Deno.test("Connection.close() finishes when the peer answers", async () => {
  const recorder = new Recorder();
  const { scene, client, connection } = await pair(recorder);
  await using _ = scene;
  connection.close(4001, "enough");
  await scene.network.until(() => client.lines.length === 1);
  assertEquals(new TextDecoder().decode(client.frames[0].payload.subarray(2)), "enough");
  await scene.send(client, text("ignored"), close(4001));
  await scene.network.until(() => client.closed);
  assertEquals(recorder.lines, ["open", "close 4001 clean"]);
  assertEquals(connection.state, "closed");
  assertEquals(client.error, null);
});

Deno.test("Connection.close() terminates a peer that does not answer in time", async () => {
  const recorder = new Recorder();
  const { scene, client, connection } = await pair(recorder, { closeTimeoutMs: 2000 });
  await using _ = scene;
  connection.close();
  await scene.network.advance(1900);
  assertEquals(recorder.lines, ["open"]);
  await scene.network.advance(500);
  assertEquals(recorder.lines, ["open", "close 1006 unclean"]);
  assert(client.closed);
  assertEquals(scene.server.stats().lost, 1);
});

Deno.test("Connection.close() throws when the code or the reason can't be sent", async () => {
  const { scene, connection } = await pair(new Recorder());
  await using _ = scene;
  for (const code of [0, 999, 1005, 1006, 1015, 2999, 5000, NaN]) {
    assertThrows(() => connection.close(code), RangeError, "may not be sent");
  }
  assertThrows(() => connection.close(1000, "€".repeat(42)), RangeError, "longer than 123 bytes");
  connection.close(1000, "€".repeat(41));
});

Deno.test("Connection.terminate() drops the connection at once", async () => {
  const recorder = new Recorder({ onMessage: (connection) => connection.terminate() });
  const { scene, client, connection } = await pair(recorder);
  await using _ = scene;
  await scene.send(client, concat(text("one"), text("two")));
  assertEquals(recorder.lines, ["open", "text one", "close 1006 unclean"]);
  assertEquals(connection.state, "closed");
  await scene.network.until(() => client.closed);
  assertEquals(client.lines, []);
});

Deno.test("Application.onClose() is told what the peer said", async () => {
  const recorder = new Recorder();
  const { scene, client } = await pair(recorder);
  await using _ = scene;
  await scene.send(client, close(4321, "tschüß"));
  assertEquals(recorder.lines, ["open", "close 4321 clean tschüß"]);
});

Deno.test("Application.onClose() is told 1005 when the peer gave no code", async () => {
  const recorder = new Recorder();
  const { scene, client } = await pair(recorder);
  await using _ = scene;
  await scene.send(client, close());
  assertEquals(recorder.lines, ["open", "close 1005 clean"]);
});

Deno.test("Application.onClose() is told 1006 when the peer goes without a word", async () => {
  const recorder = new Recorder();
  const { scene, client } = await pair(recorder);
  await using _ = scene;
  client.stream.terminate();
  await scene.network.advance(100);
  const other = await scene.client();
  other.stream.end();
  await scene.network.advance(100);
  assertEquals(recorder.lines, ["open", "close 1006 unclean", "open", "close 1006 unclean"]);
});

Deno.test("Application.onClose() is told once, and the code that failed the connection", async () => {
  const recorder = new Recorder();
  const { scene, client } = await pair(recorder);
  await using _ = scene;
  await scene.send(client, concat(text("a"), frame(3), text("b")), text("c"));
  await scene.network.until(() => client.closed);
  await scene.network.advance(1000);
  assertEquals(recorder.lines, [
    "open",
    "text a",
    "close 1002 unclean The opcode of a frame is reserved",
  ]);
  assertEquals(scene.server.stats().failed, 1);
});

Deno.test("Application.onClose() is never told from within another call", async () => {
  let depth = 0;
  const recorder: Recorder = new Recorder({
    onMessage(connection) {
      depth++;
      connection.terminate();
      recorder.lines.push("end of onMessage");
      depth--;
    },
    onClose: () => assertEquals(depth, 0),
  });
  const { scene, client } = await pair(recorder);
  await using _ = scene;
  await scene.send(client, text("x"));
  assertEquals(recorder.lines, ["open", "text x", "end of onMessage", "close 1006 unclean"]);
});

Deno.test("Connection.pause() holds messages back, those of the same chunk too", async () => {
  const recorder = new Recorder({
    onMessage: (connection, message) => message === "2" ? connection.pause() : undefined,
  });
  const { scene, client, connection } = await pair(recorder);
  await using _ = scene;
  await scene.send(client, concat(text("1"), text("2"), text("3")), text("4"));
  await scene.network.advance(1000);
  assertEquals([recorder.lines, connection.paused], [["open", "text 1", "text 2"], true]);
  connection.resume();
  await scene.network.advance(100);
  assertEquals(recorder.lines.slice(3), ["text 3", "text 4"]);
  assertEquals(connection.paused, false);
});

Deno.test("Connection.pause() holds the peer back by the window of the stream", async () => {
  const recorder = new Recorder();
  const { scene, client, connection } = await pair(recorder);
  await using _ = scene;
  connection.pause();
  const message = text("x".repeat(10_000));
  for (let i = 0; i < 40; i++) client.stream.write(message);
  await scene.network.advance(10_000);
  assert(client.stream.queuedBytes > 200_000, `${client.stream.queuedBytes}`);
  connection.resume();
  await scene.network.until(() => recorder.lines.length === 41);
});

Deno.test("Connection.resume() after close() lets the closing handshake finish", async () => {
  const recorder = new Recorder();
  const { scene, client, connection } = await pair(recorder);
  await using _ = scene;
  connection.pause();
  connection.close();
  await scene.network.until(() => client.lines.length === 1);
  await scene.send(client, close(1000));
  assertEquals(recorder.lines, ["open", "close 1000 clean"]);
});

Deno.test("Application.onOpen() holds messages back until its promise is settled", async () => {
  const recorder: Recorder = new Recorder({
    onOpen: async () => {
      await scene.loop.sleep(1000);
      recorder.lines.push("opened");
    },
  });
  const scene = await WsScene.open(recorder);
  await using _ = scene;
  const client = await scene.client();
  await scene.send(client, text("1"), concat(text("2"), text("3")));
  await scene.network.advance(500);
  assertEquals(recorder.lines, ["open"]);
  await scene.network.advance(1000);
  assertEquals(recorder.lines, ["open", "opened", "text 1", "text 2", "text 3"]);
});

Deno.test("Application.onClose() waits for the promise of onOpen", async () => {
  const recorder: Recorder = new Recorder({
    onOpen: async (connection) => {
      connection.terminate();
      await scene.loop.sleep(1000);
      recorder.lines.push("opened");
    },
  });
  const scene = await WsScene.open(recorder);
  await using _ = scene;
  const client = await scene.connect();
  await scene.send(client, handshakeHead());
  await scene.network.advance(2000);
  assertEquals(recorder.lines, ["open", "opened", "close 1006 unclean"]);
});

Deno.test("Application.onError() is told what a handler throws or rejects with", async () => {
  const recorder = new Recorder({
    onMessage: (_, message) => {
      if (message === "throw") throw new TypeError("thrown");
      return message === "reject" ? Promise.reject(new TypeError("rejected")) : undefined;
    },
    onError() {},
  });
  const { scene, client } = await pair(recorder);
  await using _ = scene;
  await scene.send(client, text("throw"), text("reject"), text("fine"), close(1000));
  assertEquals(recorder.lines, [
    "open",
    "text throw",
    "error thrown",
    "text reject",
    "error rejected",
    "text fine",
    "close 1000 clean",
  ]);
  assertEquals(scene.errors, []);
});

Deno.test("WsServer closes with 1011 and tells its onError when nobody takes a failure", async () => {
  const failure = new TypeError("thrown");
  for (const onError of [undefined, () => Promise.reject(failure)]) {
    const recorder = new Recorder({
      onMessage: () => {
        throw failure;
      },
      onError,
    });
    const { scene, client } = await pair(recorder);
    await using _ = scene;
    await scene.send(client, text("x"), close(1011));
    await scene.network.until(() => client.closed);
    assertEquals(client.lines, ["close:1011"]);
    assertEquals(scene.errors, [failure]);
    assertEquals((await scene.client()).status, 101);
  }
});

Deno.test("WsServer closes with 1009 when a message is too long", async () => {
  const { scene, client } = await pair(new Recorder(), { maxMessageBytes: 100 });
  await using _ = scene;
  await scene.send(client, text("x".repeat(101)));
  await scene.network.until(() => client.closed);
  assertEquals(client.lines, ["close:1009"]);
});

Deno.test("WsServer lets the reason of a failure arrive although the peer goes on sending", async () => {
  const { scene, client } = await pair(new Recorder(), { maxMessageBytes: 100 });
  await using _ = scene;
  for (let i = 0; i < 200; i++) client.stream.write(text("x".repeat(1000)));
  await scene.network.until(() => client.closed);
  assertEquals(client.lines, ["close:1009"]);
  assertEquals(client.error, null);
});

Deno.test("WsServer closes with 1007 when a compressed message is broken", async () => {
  await using scene = await WsScene.open();
  const client = await scene.client({ "Sec-WebSocket-Extensions": "permessage-deflate" });
  await scene.send(client, text(hex("ffffff"), { rsv: 4 }));
  await scene.network.until(() => client.closed);
  assertEquals(client.lines, ["close:1007"]);
});
