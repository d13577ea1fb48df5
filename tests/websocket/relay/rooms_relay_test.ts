import { assertEquals } from "@std/assert";
import { MemoryRelay, Rooms } from "../../../websocket/mod.ts";
import { Recorder } from "../wire/recorder.ts";
import { WsScene } from "../wire/ws_scene.ts";

Deno.test("Rooms.broadcast() reaches those in the room at other servers", async () => {
  const relay = new MemoryRelay();
  const [here, there] = [new Recorder(), new Recorder()];
  const one = new Rooms(here, { relay });
  const two = new Rooms(there, { relay: new MemoryRelay(relay) });
  await using sceneOne = await WsScene.open(one);
  await using sceneTwo = await WsScene.open(two);
  const clients = [await sceneOne.client(), await sceneTwo.client(), await sceneTwo.client()];
  one.join(here.connections[0], "red");
  two.join(there.connections[0], "red");
  two.join(there.connections[1], "blue");
  assertEquals(one.broadcast("red", "žluť"), 1);
  assertEquals(two.broadcast("red", Uint8Array.of(0, 255), { except: there.connections[0] }), 0);
  await Promise.resolve();
  for (const scene of [sceneOne, sceneTwo]) await scene.network.advance(100);
  assertEquals(clients.map(({ lines }) => lines), [
    ["text:žluť", "binary:00ff"],
    ["text:žluť"],
    [],
  ]);
});
