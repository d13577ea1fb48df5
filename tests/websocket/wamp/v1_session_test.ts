import { assert, assertEquals, assertMatch } from "@std/assert";
import vectors from "../../vectors/wamp1.json" with { type: "json" };
import { type WampApplication, WampError, wampSessionOf } from "../../../websocket/mod.ts";
import { binary, text } from "../wire/masked_frame.ts";
import { type WampClient, WampScene } from "./wamp_scene.ts";

/** The application that the exchanges were recorded with. */
const RECORDED: WampApplication = {
  onCall(_connection, { procedure, args }) {
    if (procedure.includes("err")) throw new WampError(procedure, { args: ["bad", { x: 1 }] });
    return args;
  },
  onPublish: (_connection, _topic, event) => void event.distribute(),
};

interface Step {
  note: string;
  from: string;
  frame: string;
  replies: { to: string; frame: string }[];
  closed?: number;
}

/** Two clients and their session ids, as the exchanges name them. */
class Exchange {
  readonly clients = new Map<string, WampClient>();
  readonly ids = new Map<string, string>();
  readonly scene: WampScene;

  constructor(scene: WampScene) {
    this.scene = scene;
  }

  async connect(name: string): Promise<void> {
    const client = await this.scene.connect("wamp");
    const [[code, id, version]] = client.take() as [[number, string, number]];
    assertEquals([code, version], [0, 1]);
    this.clients.set(name, client);
    this.ids.set(name, id);
  }

  async run({ note, from, frame, replies, closed }: Step): Promise<void> {
    const named = frame.replaceAll(/<sid:(\w)>/g, (_, name) => this.ids.get(name)!);
    await this.scene.ws.send(this.clients.get(from)!.raw, text(named));
    await this.scene.ws.network.advance(10);
    for (const [name, client] of this.clients) {
      const expected: unknown[] = replies.filter(({ to }) => to === name)
        .map((reply) => JSON.parse(reply.frame));
      if (closed !== undefined && name === from) expected.push(["close", closed]);
      assertEquals(client.take(), expected, `${note}: to ${name}`);
    }
    if (closed !== undefined) await this.connect(from);
  }
}

Deno.test("V1Session does what was recorded of Ratchet", async () => {
  await using scene = await WampScene.open(RECORDED);
  const exchange = new Exchange(scene);
  await exchange.connect("a");
  await exchange.connect("b");
  for (const step of vectors.steps as Step[]) await exchange.run(step);
  assertEquals(scene.ws.errors, []);
});

Deno.test("V1Session welcomes with an id that can't be guessed", async () => {
  await using scene = await WampScene.open();
  const [[, a], [, b]] = [
    (await scene.connect("wamp")).take()[0],
    (await scene.connect("wamp")).take()[0],
  ] as [string, string][];
  assertMatch(a, /^[0-9a-f]{24}$/);
  assert(a !== b);
});

for (const [curie, uri] of [["concat", "http://a/b"], ["ratchet", "http://a/#b"]] as const) {
  Deno.test(`V1Session expands prefixes: ${curie}`, async () => {
    await using scene = await WampScene.open({}, { curie });
    const client = await scene.connect("wamp");
    const told = await client.ask([1, "x", "http://a/"], [5, "x:b"], [7, uri, 1], [7, "x:b", 2]);
    assertEquals(told, [[8, uri, 1], [8, uri, 2]]);
  });
}

Deno.test("V1Session leaves what begins with an unknown prefix as it is", async () => {
  await using scene = await WampScene.open();
  const client = await scene.connect("wamp");
  assertEquals(await client.ask([5, "y:b"], [7, "y:b", 1]), [[8, "y:b", 1]]);
});

Deno.test("V1Session closes what sends a malformed message, and nobody else", async () => {
  const malformed = ["", "[", "[]", "1", "null", '"x"', "[5]", '[5,""]', "[5,1]", "[1,2]", "[2,1]"];
  malformed.push("[2,{},1]", "[7]", '[7,"t"]', '[7,"t",1,[],1]', "[0]", '[8,"t",1]', '[3,"i",1]');
  malformed.push(`[2,"i","p",${"[".repeat(500)}${"]".repeat(500)}]`);
  await using scene = await WampScene.open(RECORDED);
  const other = await scene.connect("wamp");
  for (const message of malformed) {
    const client = await scene.connect("wamp");
    client.take();
    await scene.ws.send(client.raw, text(message));
    assertEquals(client.take(), [["close", 1007]], message);
  }
  const client = await scene.connect("wamp");
  client.take();
  await scene.ws.send(client.raw, binary(Uint8Array.of(1)));
  assertEquals(client.take(), [["close", 1003]]);
  assertEquals(await other.ask([2, "c", "p", 1]), [[3, "c", [1]]]);
});

Deno.test("V1Session tells of a failure without saying what it is, and onError what it is", async () => {
  const errors: unknown[] = [];
  const failure = new TypeError("A secret");
  await using scene = await WampScene.open({
    onCall: () => Promise.reject(failure),
    onError: (_connection, error) => void errors.push(error),
  });
  const client = await scene.connect("wamp");
  const uri = "wamp.error.runtime_error";
  assertEquals(await client.ask([2, 7, "p"]), [[4, 7, uri, uri]]);
  assertEquals(errors, [failure]);
});

Deno.test("V1Session answers calls that nobody answers", async () => {
  await using scene = await WampScene.open();
  const client = await scene.connect("wamp");
  const uri = "wamp.error.no_such_procedure";
  assertEquals(await client.ask([2, "i", "p"]), [[4, "i", uri, uri]]);
});

Deno.test("V1Session answers a value that can't be sent", async () => {
  const errors: unknown[] = [];
  await using scene = await WampScene.open({
    onCall: () => 1n,
    onError: (_connection, error) => void errors.push(error),
  });
  const client = await scene.connect("wamp");
  const uri = "wamp.error.runtime_error";
  assertEquals(await client.ask([2, "i", "p"]), [[4, "i", uri, uri]]);
  assert(errors[0] instanceof TypeError);
});

Deno.test("WampApplication is told of sessions and subscriptions once each", async () => {
  const lines: string[] = [];
  await using scene = await WampScene.open({
    onOpen: (connection) => void lines.push(`open ${wampSessionOf(connection)?.version}`),
    onSubscribe: (_connection, { uri, size }) => void lines.push(`subscribe ${uri} ${size}`),
    onUnsubscribe: (_connection, { uri, size }) => void lines.push(`unsubscribe ${uri} ${size}`),
    onClose: (connection) => void lines.push(`close ${wampSessionOf(connection)?.realm}`),
  });
  const client = await scene.connect("wamp");
  await client.say([5, "t"], [5, "t"], [6, "t"], [6, "t"], [5, "u"]);
  client.raw.stream.terminate();
  await scene.ws.network.advance(50);
  assertEquals(lines, [
    "open 1",
    "subscribe t 1",
    "unsubscribe t 0",
    "subscribe u 1",
    "close realm1",
  ]);
  assertEquals(scene.wamp.topic("u").size, 0);
});

Deno.test("V1Session keeps its limits", async () => {
  await using scene = await WampScene.open({}, { maxSubscriptionsPerSession: 2, maxPrefixes: 2 });
  const client = await scene.connect("wamp");
  assertEquals(await client.ask([5, "a"], [5, "b"], [5, "b"]), []);
  assertEquals(await client.ask([5, "c"]), [["close", 1008]]);
  const other = await scene.connect("wamp");
  assertEquals(await other.ask([1, "a", "x"], [1, "b", "x"], [1, "b", "y"]), []);
  assertEquals(await other.ask([1, "c", "x"]), [["close", 1008]]);
});

Deno.test("V1Session keeps the order while it is found out what is allowed", async () => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let asked = 0;
  await using scene = await WampScene.open({}, {
    authorize: (_session, { kind }) => kind !== "publish" || (++asked === 1 ? promise : true),
  });
  const client = await scene.connect("wamp");
  assertEquals(await client.ask([5, "t"], [7, "t", 1], [7, "t", 2], [7, "t", 3]), []);
  resolve(true);
  assertEquals(await client.ask([7, "t", 4]), [1, 2, 3, 4].map((event) => [8, "t", event]));
});

Deno.test("V1Session does nothing that is not allowed", async () => {
  await using scene = await WampScene.open(RECORDED, {
    authorize: (_session, { uri }) => !uri.startsWith("secret"),
  });
  const client = await scene.connect("wamp");
  const uri = "wamp.error.not_authorized";
  const told = await client.ask([5, "secret"], [7, "secret", 1], [2, "i", "secret"], [2, "j", "p"]);
  assertEquals(told, [[4, "i", uri, uri], [3, "j", []]]);
  assertEquals(scene.wamp.topic("secret").size, 0);
});
