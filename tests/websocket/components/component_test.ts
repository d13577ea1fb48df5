import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type Application,
  Component,
  type Connection,
  findComponent,
  IpBlocklist,
  OriginCheck,
  Rooms,
  subprotocolsOf,
  WsServer,
} from "../../../websocket/mod.ts";
import { close, text } from "../wire/masked_frame.ts";
import { pair } from "../wire/pair.ts";
import { Recorder } from "../wire/recorder.ts";
import { ECHO } from "../wire/ws_scene.ts";

class Shouting extends Component {
  override onMessage(connection: Connection, message: string | Uint8Array<ArrayBuffer>) {
    return super.onMessage(connection, `${message}!`);
  }
}

Deno.test("Component passes everything on to what it wraps", async () => {
  const inner = new Recorder({
    onMessage(_, message) {
      if (message === "fail!") throw new TypeError("failed");
    },
    onError() {},
  });
  const recorder = new Recorder(new Shouting(inner));
  const { scene, client } = await pair(recorder);
  await using _ = scene;
  await scene.send(client, text("hi"), text("fail"), close(1000));
  assertEquals(inner.lines, [
    "open",
    "text hi!",
    "text fail!",
    "error failed",
    "close 1000 clean",
  ]);
});

Deno.test("Component.onError() throws what nobody takes, so that the server is told", async () => {
  const failure = new TypeError("failed");
  const { scene, client } = await pair(
    new Recorder(
      new Shouting({
        onMessage: () => Promise.reject(failure),
      }),
    ),
  );
  await using _ = scene;
  await scene.send(client, text("hi"));
  await scene.network.until(() => client.lines.length === 1);
  assertEquals([client.lines, scene.errors], [["close:1011"], [failure]]);
});

Deno.test("Component.subprotocols() are those of what it wraps", () => {
  const request = {} as Parameters<NonNullable<Application["onHandshake"]>>[0];
  assertEquals(subprotocolsOf(new Shouting({ ...ECHO, subprotocols: ["a"] }), request), ["a"]);
  assertEquals(subprotocolsOf(new Shouting({ ...ECHO, subprotocols: () => ["b"] }), request), [
    "b",
  ]);
  assertEquals(subprotocolsOf(new Shouting(ECHO), request), []);
});

Deno.test("findComponent() looks from the outside in", () => {
  const check = new OriginCheck(ECHO, { origins: [] });
  const rooms = new Rooms(check);
  assertStrictEquals(findComponent(rooms, OriginCheck), check);
  assertStrictEquals(findComponent(rooms, Rooms), rooms);
  assertEquals(findComponent(rooms, IpBlocklist), undefined);
});

Deno.test("Component.constructor() says what stands in the wrong place", () => {
  const wrong: [make: () => unknown, message: string][] = [
    [
      () => new OriginCheck(new WsServer(ECHO) as Application, { origins: [] }),
      "Cannot wrap WsServer in OriginCheck as it is a server, which goes outside: put OriginCheck into it",
    ],
    [
      () => new Rooms({ onSubscribe() {} } as Application),
      "Cannot wrap the object in Rooms as it handles onSubscribe, which only WampServer calls",
    ],
    [() => new Shouting(undefined as unknown as Application), "Cannot wrap undefined in Shouting"],
  ];
  for (const [make, message] of wrong) assertThrows(make, TypeError, message);
});
