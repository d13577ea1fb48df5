import { assert, assertEquals } from "@std/assert";
// @ts-types="./autobahn.d.ts"
import autobahn, { type ConnectionOptions, type Session } from "autobahn";
import { WampError, WampServer, type WampServerOptions } from "../../websocket/mod.ts";
import { serve, type Served } from "./wamp_scene.ts";

/** A client of npm's autobahn that has joined. */
class AutobahnClient implements AsyncDisposable {
  readonly session: Session;
  readonly details: Record<string, unknown>;
  readonly #close: () => Promise<void>;

  private constructor(
    session: Session,
    details: Record<string, unknown>,
    close: () => Promise<void>,
  ) {
    this.session = session;
    this.details = details;
    this.#close = close;
  }

  static open(url: string, options: Partial<ConnectionOptions> = {}): Promise<AutobahnClient> {
    const connection = new autobahn.Connection({
      url,
      realm: "realm1",
      max_retries: 0,
      ...options,
    });
    const closed = Promise.withResolvers<void>();
    return new Promise((resolve, reject) => {
      connection.onclose = (reason, details) => {
        closed.resolve();
        reject(new TypeError(`${reason} ${details.reason}`));
        return true;
      };
      connection.onopen = (session, details) => {
        const close = (): Promise<void> => {
          connection.close();
          return closed.promise;
        };
        resolve(new AutobahnClient(session, details, close));
      };
      connection.open();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

function serveWamp(options: WampServerOptions = {}): Promise<Served> {
  return serve((loop) =>
    new WampServer({
      onCall(_connection, { procedure, args }) {
        if (procedure === "app.sum") return args.reduce((sum: number, n) => sum + Number(n), 0);
        throw new WampError("app.error", { args: ["No"] });
      },
    }, { authorize: () => true, loop, ...options })
  );
}

const FORMS: [string, Partial<ConnectionOptions>][] = [
  ["JSON", {}],
  ["MessagePack", { serializers: [new autobahn.serializer.MsgpackSerializer()] }],
];

for (const [form, options] of FORMS) {
  Deno.test(`autobahn subscribes and publishes in ${form}`, async () => {
    await using served = await serveWamp();
    await using a = await AutobahnClient.open(served.url, options);
    await using b = await AutobahnClient.open(served.url);
    const event = Promise.withResolvers<unknown>();
    const pattern = Promise.withResolvers<unknown>();
    await a.session.subscribe("app.topic", (args, kwargs) => event.resolve([args, kwargs]));
    await a.session.subscribe("app.", (_args, _kwargs, { topic }) => pattern.resolve(topic), {
      match: "prefix",
    });
    const publication = await b.session.publish("app.topic", [1, "zwei"], { drei: [3] }, {
      acknowledge: true,
    });
    assert(publication!.id > 0);
    assertEquals(await event.promise, [[1, "zwei"], { drei: [3] }]);
    assertEquals(await pattern.promise, "app.topic");
  });

  Deno.test(`autobahn calls procedures in ${form}`, async () => {
    await using served = await serveWamp();
    await using a = await AutobahnClient.open(served.url, options);
    await using b = await AutobahnClient.open(served.url);
    assertEquals(await a.session.call("app.sum", [1, 2, 3]), 6);
    const failed = await a.session.call("app.other").then(() => null, (error) => error);
    assertEquals([failed?.error, failed?.args], ["app.error", ["No"]]);
    const registration = await a.session.register("app.count", (_args, _kwargs, { progress }) => {
      for (let i = 0; i < 3; i++) progress?.([i]);
      return "done";
    });
    const progress: unknown[] = [];
    const call = b.session.call("app.count", [], {}, { receive_progress: true });
    const result = await call.then((value) => value, () => null, (value) => progress.push(value));
    assertEquals([result, progress], ["done", [0, 1, 2]]);
    await registration.unregister();
    const gone = await b.session.call("app.count").then(() => null, (error) => error.error);
    assertEquals(gone, "app.error");
  });
}

Deno.test("autobahn publishes to those it wants", async () => {
  await using served = await serveWamp();
  await using a = await AutobahnClient.open(served.url);
  await using b = await AutobahnClient.open(served.url);
  const lines: string[] = [];
  const last = Promise.withResolvers<void>();
  for (const [name, { session }] of [["a", a], ["b", b]] as const) {
    await session.subscribe("t", ([event]) => {
      lines.push(`${name} ${event}`);
      if (event === "last") last.resolve();
    });
  }
  const publish = (event: string, options: object) =>
    a.session.publish("t", [event], {}, { acknowledge: true, ...options });
  await publish("others", {});
  await publish("excluded", { exclude: [b.session.id] });
  await publish("me", { exclude_me: false, eligible: [a.session.id] });
  await publish("last", {});
  await last.promise;
  assertEquals(lines.toSorted(), ["a me", "b last", "b others"]);
});

Deno.test("autobahn comes in by a ticket", async () => {
  await using served = await serveWamp({
    ticket: ({ authId, ticket }) => ticket === "secret" ? { authId, authRole: "admin" } : null,
  });
  const options = (ticket: string): Partial<ConnectionOptions> => ({
    authmethods: ["ticket"],
    authid: "ada",
    onchallenge: () => ticket,
  });
  {
    await using client = await AutobahnClient.open(served.url, options("secret"));
    assertEquals([client.details.authid, client.details.authrole], ["ada", "admin"]);
  }
  const refused = await AutobahnClient.open(served.url, options("guess")).catch((error) => error);
  assert(String(refused).includes("wamp.error.authentication_denied"), String(refused));
});
