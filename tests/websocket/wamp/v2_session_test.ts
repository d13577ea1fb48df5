import { assert, assertEquals } from "@std/assert";
import {
  MemorySessionStore,
  SessionProvider,
  Sessions,
  type WampServerOptions,
  wampSessionOf,
} from "../../../websocket/mod.ts";
import { binary, text } from "../wire/masked_frame.ts";
import { ROLES, WampScene } from "./wamp_scene.ts";

const HELLO = [1, "realm1", { roles: ROLES }];
const ticketOptions: WampServerOptions = {
  ticket: ({ authId, ticket }) => ticket === "secret" ? { authId, authRole: "admin" } : null,
};

function codeOf(messages: unknown[]): unknown[] {
  return messages.map((message) => {
    const [code, ...rest] = message as unknown[];
    return code === 3 ? ["abort", rest[1]] : code === "close" ? message : code;
  });
}

for (const subprotocol of ["wamp.2.json", "wamp.2.msgpack"]) {
  Deno.test(`V2Session welcomes who says hello: ${subprotocol}`, async () => {
    await using scene = await WampScene.open();
    const client = await scene.connect(subprotocol);
    assertEquals(client.raw.field("Sec-WebSocket-Protocol"), subprotocol);
    const [[code, id, details]] = await client.ask(HELLO) as [
      number,
      number,
      Record<string, never>,
    ][];
    assertEquals([code, details.realm, details.authmethod], [2, "realm1", "anonymous"]);
    assert(Number.isSafeInteger(id) && id > 0);
    assertEquals(Object.keys(details.roles), ["broker", "dealer"]);
    assertEquals(await client.ask([6, {}, "wamp.close.normal"]), [
      [6, {}, "wamp.close.goodbye_and_out"],
      ["close", 1000],
    ]);
  });

  Deno.test(`V2Session aborts what breaks the protocol: ${subprotocol}`, async () => {
    const wrong = [
      [[16, 1, {}, "t"]],
      [[1, "realm1"]],
      [[1, "realm1", {}]],
      [[1, 7, {}]],
      [[99]],
      [[]],
      [HELLO, HELLO],
      [HELLO, [5, "x", {}]],
      [HELLO, [32, 0, {}, "t"]],
      [HELLO, [32, 1.5, {}, "t"]],
      [HELLO, [32, 1, [], "t"]],
      [HELLO, [32, 1, {}, "t", 1]],
      [HELLO, [16, 1, {}, "t", {}]],
      [HELLO, [16, 1, {}, "t", [], []]],
      [HELLO, [8, 48, 1, {}, "e"]],
      [HELLO, [2, 1, {}]],
    ];
    await using scene = await WampScene.open();
    for (const messages of wrong) {
      const client = await scene.connect(subprotocol);
      const told = codeOf(await client.ask(...messages)).filter((each) => each !== 2);
      const expected = [["abort", "wamp.error.protocol_violation"], ["close", 1002]];
      assertEquals(told, expected, JSON.stringify(messages));
    }
    assertEquals(scene.ws.errors, []);
  });
}

Deno.test("V2Session aborts what is not of its subprotocol", async () => {
  await using scene = await WampScene.open();
  const expected = [["abort", "wamp.error.protocol_violation"], ["close", 1002]];
  const pieces = [
    ["wamp.2.json", text("{")],
    ["wamp.2.json", text('"1"')],
    ["wamp.2.json", binary(Uint8Array.of(0x90))],
    ["wamp.2.msgpack", text("[]")],
    ["wamp.2.msgpack", binary(Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff))],
    ["wamp.2.msgpack", binary(Uint8Array.of(0xc1))],
  ] as const;
  for (const [subprotocol, frame] of pieces) {
    const client = await scene.connect(subprotocol);
    await scene.ws.send(client.raw, frame);
    await scene.ws.network.advance(5);
    assertEquals(codeOf(client.take()), expected);
  }
});

Deno.test("V2Session aborts who wants to join a realm that is not there", async () => {
  await using scene = await WampScene.open();
  const client = await scene.connect();
  const told = await client.ask([1, "other", { roles: ROLES }]);
  assertEquals(codeOf(told), [["abort", "wamp.error.no_such_realm"], ["close", 1000]]);
});

Deno.test("V2Session aborts who takes too long", async () => {
  await using scene = await WampScene.open({}, { helloTimeoutMs: 1000 });
  const client = await scene.connect();
  await scene.ws.network.advance(980);
  assertEquals(client.take(), []);
  await scene.ws.network.advance(20);
  assertEquals(codeOf(client.take()), [["abort", "wamp.error.protocol_violation"], [
    "close",
    1002,
  ]]);
  const [other] = await scene.join();
  await scene.ws.network.advance(2000);
  assertEquals(other.take(), []);
});

Deno.test("V2Session keeps realms apart", async () => {
  await using scene = await WampScene.open({}, { realms: ["realm1", "realm2"] });
  const [a] = await scene.join();
  const b = await scene.connect();
  await b.ask([1, "realm2", { roles: ROLES }]);
  assertEquals((await b.ask([32, 1, {}, "t"])).length, 1);
  assertEquals(await a.ask([16, 1, { exclude_me: false }, "t"]), []);
  assertEquals(b.take(), []);
  assertEquals(scene.wamp.topic("t", { realm: "realm2" }).size, 1);
});

Deno.test("V2Session takes a ticket", async () => {
  await using scene = await WampScene.open({}, ticketOptions);
  const client = await scene.connect();
  const hello = [1, "realm1", { roles: ROLES, authmethods: ["ticket"], authid: "ada" }];
  assertEquals(await client.ask(hello), [[4, "ticket", {}]]);
  const [[code, , details]] = await client.ask([5, "secret", {}]) as [number, number, object][];
  assertEquals(code, 2);
  const { authid, authrole, authmethod } = details as Record<string, string>;
  assertEquals([authid, authrole, authmethod], ["ada", "admin", "ticket"]);
});

Deno.test("V2Session refuses a wrong ticket, and those who have none", async () => {
  await using scene = await WampScene.open({}, ticketOptions);
  const client = await scene.connect();
  await client.ask([1, "realm1", { roles: ROLES, authmethods: ["ticket"], authid: "ada" }]);
  const told = codeOf(await client.ask([5, "guess", {}]));
  assertEquals(told, [["abort", "wamp.error.authentication_denied"], ["close", 1000]]);
  for (
    const details of [{}, { authmethods: ["anonymous", "cookie"] }, { authmethods: ["ticket"] }]
  ) {
    const other = await scene.connect();
    const aborted = codeOf(await other.ask([1, "realm1", { roles: ROLES, ...details }]));
    assertEquals(aborted, [["abort", "wamp.error.no_matching_auth_method"], ["close", 1000]]);
  }
});

Deno.test("V2Session refuses when the check of a ticket fails, and tells onError", async () => {
  const errors: unknown[] = [];
  const failure = new TypeError("The database is gone");
  await using scene = await WampScene.open(
    { onError: (_connection, error) => void errors.push(error) },
    { ticket: () => Promise.reject(failure) },
  );
  const client = await scene.connect();
  await client.ask([1, "realm1", { roles: ROLES, authmethods: ["ticket"], authid: "ada" }]);
  const told = codeOf(await client.ask([5, "secret", {}]));
  assertEquals(told, [["abort", "wamp.error.authentication_denied"], ["close", 1000]]);
  assertEquals(errors, [failure]);
});

async function sessionScene(): Promise<{ scene: WampScene; cookie: string }> {
  const sessions = new Sessions(new MemorySessionStore());
  const session = sessions.create();
  session.set("user", "ada");
  await session.save();
  const scene = await WampScene.open({
    onCall: (connection) => wampSessionOf(connection)?.authId,
  }, {
    session: (web) => web.has("user") ? { authId: String(web.get("user")) } : null,
    wrap: (server) => new SessionProvider(server, { sessions }),
  });
  return { scene, cookie: `sid=${session.id}` };
}

Deno.test("V2Session knows a client by its web session", async () => {
  const { scene, cookie } = await sessionScene();
  await using _ = scene;
  const client = await scene.connect("wamp.2.json", { Cookie: cookie });
  const [[code, , details]] = await client.ask(HELLO) as [
    number,
    number,
    Record<string, unknown>,
  ][];
  assertEquals([code, details.authid, details.authmethod], [2, "ada", "cookie"]);
  assertEquals(await client.ask([48, 1, {}, "who"]), [[50, 1, {}, ["ada"]]]);
  const stranger = await scene.connect();
  const told = codeOf(await stranger.ask(HELLO));
  assertEquals(told, [["abort", "wamp.error.no_matching_auth_method"], ["close", 1000]]);
});

Deno.test("V1Session knows a client by its web session", async () => {
  const { scene, cookie } = await sessionScene();
  await using _ = scene;
  const client = await scene.connect("wamp", { Cookie: cookie });
  assertEquals(await client.ask([2, "i", "who"]), [[3, "i", "ada"]]);
  const stranger = await scene.connect("wamp");
  assertEquals(stranger.take(), [["close", 1008]]);
});
