import { assertEquals, assertThrows } from "@std/assert";
import { Rooms } from "../../../websocket/mod.ts";
import { text } from "../wire/masked_frame.ts";
import { Recorder } from "../wire/recorder.ts";
import { WsScene } from "../wire/ws_scene.ts";

Deno.test("Rooms.broadcast() reaches those in the room", async () => {
  const recorder = new Recorder();
  const rooms = new Rooms(recorder);
  await using scene = await WsScene.open(rooms);
  const clients = [await scene.client(), await scene.client(), await scene.client()];
  const [a, b] = recorder.connections;
  rooms.join(a, "red");
  rooms.join(b, "red");
  rooms.join(b, "blue");
  assertEquals(rooms.broadcast("red", "r"), 2);
  assertEquals(rooms.broadcast("blue", "b", { except: b }), 0);
  assertEquals(rooms.broadcast("green", "g"), 0);
  await scene.network.advance(100);
  assertEquals(clients.map(({ lines }) => lines), [["text:r"], ["text:r"], []]);
  assertEquals([rooms.of(b), rooms.size], [["red", "blue"], 2]);
});

Deno.test("Rooms.leave() forgets rooms that are empty", async () => {
  const recorder = new Recorder();
  const rooms = new Rooms(recorder);
  await using scene = await WsScene.open(rooms);
  await scene.client();
  const [connection] = recorder.connections;
  rooms.join(connection, "red");
  rooms.join(connection, "red");
  assertEquals(rooms.members("red").size, 1);
  assertEquals(rooms.leave(connection, "red"), true);
  assertEquals(rooms.leave(connection, "red"), false);
  assertEquals([rooms.size, rooms.of(connection)], [0, []]);
});

Deno.test("Rooms.onClose() takes a connection out before the application is told", async () => {
  const sizes: number[] = [];
  const rooms: Rooms = new Rooms({
    onMessage: (connection) => rooms.join(connection, "red"),
    onClose: (connection) => {
      sizes.push(rooms.members("red").size);
      rooms.join(connection, "red");
    },
  });
  await using scene = await WsScene.open(rooms);
  const client = await scene.client();
  await scene.send(client, text("join"));
  assertEquals(rooms.members("red").size, 1);
  client.stream.terminate();
  await scene.network.advance(100);
  assertEquals([sizes, rooms.size], [[0], 0]);
});

Deno.test("Rooms.join() throws when there are too many rooms", async () => {
  const recorder = new Recorder();
  const rooms = new Rooms(recorder, { maxRooms: 3, maxRoomsPerConnection: 2 });
  await using scene = await WsScene.open(rooms);
  await scene.client();
  await scene.client();
  const [a, b] = recorder.connections;
  rooms.join(a, "1");
  rooms.join(a, "2");
  assertThrows(() => rooms.join(a, "3"), RangeError, "the connection is in 2 rooms");
  rooms.join(b, "3");
  assertThrows(() => rooms.join(b, "4"), RangeError, "there are 3 rooms");
  rooms.join(b, "1");
  assertEquals(rooms.size, 3);
});
