import { assertEquals } from "@std/assert";
import { WampAggregate, type WampApplication } from "../../../websocket/mod.ts";
import { WampScene } from "./wamp_scene.ts";

/** An application that writes down what it is told. */
function recorder(name: string, lines: string[]): WampApplication {
  return {
    onOpen: () => void lines.push(`${name} open`),
    onClose: () => void lines.push(`${name} close`),
    onSubscribe: (_connection, { uri }) => void lines.push(`${name} subscribe ${uri}`),
    onUnsubscribe: (_connection, { uri }) => void lines.push(`${name} unsubscribe ${uri}`),
    onCall: (_connection, { procedure }) => `${name} ${procedure}`,
    onPublish: (_connection, { uri }) => void lines.push(`${name} publish ${uri}`),
  };
}

Deno.test("WampAggregate chooses the application by topic and procedure", async () => {
  const lines: string[] = [];
  const aggregate = new WampAggregate({
    "a.": recorder("a", lines),
    "a.b.": recorder("b", lines),
    "silent.": {},
  });
  await using scene = await WampScene.open(aggregate);
  const client = await scene.connect("wamp");
  await client.say([5, "a.x"], [5, "a.b.x"], [6, "a.x"], [7, "a.b.y", 1], [5, "other"]);
  client.take();
  const uri = "wamp.error.no_such_procedure";
  assertEquals(await client.ask([2, "1", "a.f"], [2, "2", "a.b.f"], [2, "3", "silent.f"]), [
    [3, "1", "a a.f"],
    [3, "2", "b a.b.f"],
    [4, "3", uri, uri],
  ]);
  assertEquals(await client.ask([7, "other", 1]), [[8, "other", 1]]);
  client.raw.stream.terminate();
  await scene.ws.network.advance(50);
  assertEquals(lines, [
    "a open",
    "b open",
    "a subscribe a.x",
    "b subscribe a.b.x",
    "a unsubscribe a.x",
    "b publish a.b.y",
    "a close",
    "b close",
  ]);
});

Deno.test("WampAggregate.onError() passes failures to those who want them", async () => {
  const errors: unknown[] = [];
  const failing: WampApplication = { onCall: () => Promise.reject(new TypeError("Broken")) };
  const listener: WampApplication = { onError: (_connection, error) => void errors.push(error) };
  {
    await using scene = await WampScene.open(new WampAggregate({ "": failing, "b": listener }));
    const client = await scene.connect("wamp");
    await client.ask([2, "1", "p"]);
    assertEquals([errors.map(String), scene.ws.errors], [["TypeError: Broken"], []]);
  }
  await using scene = await WampScene.open(new WampAggregate({ "": failing }));
  const client = await scene.connect("wamp");
  await client.ask([2, "1", "p"]);
  assertEquals(scene.ws.errors.map(String), ["TypeError: Broken"]);
});
