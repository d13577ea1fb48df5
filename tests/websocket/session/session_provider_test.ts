import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  type Application,
  Attributes,
  type Connection,
  MemorySessionStore,
  Rooms,
  sessionOf,
  SessionProvider,
  type SessionProviderOptions,
  Sessions,
  SessionStoreError,
} from "../../../websocket/mod.ts";
import { text } from "../wire/masked_frame.ts";
import { Recorder } from "../wire/recorder.ts";
import { WsScene } from "../wire/ws_scene.ts";

/** A store that fails when it is told to. */
class FailingStore extends MemorySessionStore {
  failing = false;

  override read(id: string) {
    if (this.failing) return Promise.reject(new SessionStoreError("Cannot read"));
    return super.read(id);
  }

  override write(...args: Parameters<MemorySessionStore["write"]>) {
    if (this.failing) return Promise.reject(new SessionStoreError("Cannot write"));
    return super.write(...args);
  }
}

/** Keeps the last message in the session, and says what it was before. */
const NOTE: Application = {
  onOpen: (connection) => void connection.send(`was ${sessionOf(connection).get("last")}`),
  onMessage: (connection, message) => sessionOf(connection).set("last", message),
  onError: () => undefined,
};

function setting(options: Partial<SessionProviderOptions> = {}) {
  const store = new FailingStore();
  const sessions = new Sessions(store);
  const recorder = new Recorder(NOTE);
  const provider = new SessionProvider(recorder, { sessions, ...options });
  return { store, sessions, recorder, provider };
}

async function known(sessions: Sessions, last: string): Promise<string> {
  const session = sessions.create();
  session.set("last", last);
  await session.save();
  return session.id;
}

Deno.test("SessionProvider gives the session of the cookie and stores what is set", async () => {
  const { sessions, provider } = setting();
  const id = await known(sessions, "hello");
  await using scene = await WsScene.open(provider);
  const client = await scene.client({ Cookie: `sid=${id}` });
  await scene.send(client, text("bye"));
  assertEquals(client.lines, ["text:was hello"]);
  assertEquals(client.field("Set-Cookie"), null);
  assertEquals((await sessions.open(id))?.get("last"), "bye");
});

Deno.test("SessionProvider gives a client without a session a new one and its cookie", async () => {
  const { store, sessions, provider } = setting();
  await using scene = await WsScene.open(provider);
  const client = await scene.client();
  await scene.network.advance(5);
  const cookie = client.field("Set-Cookie")!;
  assertMatch(cookie, /^sid=[0-9a-v]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
  assertEquals(store.size, 0);
  await scene.send(client, text("first"));
  const again = await scene.client({ Cookie: cookie.split(";")[0] });
  await scene.network.advance(5);
  assertEquals(again.lines, ["text:was first"]);
  assertEquals((await sessions.open(cookie.slice(4, 36)))?.get("last"), "first");
});

Deno.test("SessionProvider does not adopt an id that a client has made up", async () => {
  const { sessions, provider } = setting();
  await using scene = await WsScene.open(provider);
  const id = "x".repeat(32);
  const client = await scene.client({ Cookie: `sid=${id}` });
  await scene.send(client, text("secret"));
  assert(!client.field("Set-Cookie")!.includes(id));
  assertEquals(await sessions.open(id), null);
});

Deno.test("SessionProvider sets no cookie when it is not to", async () => {
  const { provider } = setting({ setCookie: false });
  await using scene = await WsScene.open(provider);
  assertEquals((await scene.client()).field("Set-Cookie"), null);
});

Deno.test("SessionProvider saves nothing by itself when it is not to", async () => {
  const { store, provider } = setting({ autoSave: false });
  await using scene = await WsScene.open(provider);
  const client = await scene.client();
  await scene.send(client, text("first"));
  assertEquals(store.size, 0);
});

Deno.test("SessionProvider tells onError when a session can't be opened", async () => {
  const { store, sessions, recorder, provider } = setting();
  const id = await known(sessions, "hello");
  store.failing = true;
  await using scene = await WsScene.open(provider);
  const client = await scene.client({ Cookie: `sid=${id}` });
  await scene.send(client, text("lost"));
  assertEquals(recorder.lines, ["error Cannot read"]);
  assertEquals([client.lines[0], scene.errors], ["close:1011", []]);
  store.failing = false;
  const other = await scene.client({ Cookie: `sid=${id}` });
  await scene.network.advance(5);
  assertEquals(other.lines, ["text:was hello"]);
});

Deno.test("SessionProvider tells onError when a session can't be saved, and goes on", async () => {
  const { store, sessions, recorder, provider } = setting();
  const id = await known(sessions, "hello");
  await using scene = await WsScene.open(provider);
  const client = await scene.client({ Cookie: `sid=${id}` });
  store.failing = true;
  await scene.send(client, text("one"));
  store.failing = false;
  await scene.send(client, text("two"));
  assertEquals(recorder.lines, ["open", "text one", "error Cannot write", "text two"]);
  assertEquals([scene.errors, client.closed], [[], false]);
  assertEquals((await sessions.open(id))?.get("last"), "two");
});

Deno.test("SessionProvider takes handlers of plain JavaScript that answer with anything", async () => {
  const send = (connection: Connection): unknown => connection.send("welcome");
  const { store } = setting();
  const provider = new SessionProvider({ onOpen: send, onMessage: send } as Application, {
    sessions: new Sessions(store),
  });
  await using scene = await WsScene.open(provider);
  const client = await scene.client();
  await scene.send(client, text("hello"));
  await scene.network.until(() => client.lines.length >= 2);
  assertEquals(client.lines, ["text:welcome", "text:welcome"]);
});

Deno.test("sessionOf() says what is missing around the application", () => {
  assertThrows(() => sessionOf({ attributes: new Attributes() }), TypeError, "SessionProvider");
});

Deno.test("SessionProvider.constructor() throws when there is one inside", () => {
  const sessions = new Sessions(new MemorySessionStore());
  const rooms = new Rooms(new SessionProvider({ onOpen() {} }, { sessions }));
  assertThrows(
    () => new SessionProvider(rooms, { sessions }),
    TypeError,
    "Cannot wrap Rooms in SessionProvider as there is one already, further inside",
  );
});
