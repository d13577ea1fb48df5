import { assert, assertEquals } from "@std/assert";
// @ts-types="./express.d.ts"
import express from "express";
// @ts-types="./express_session.d.ts"
import session from "express-session";
import type { AddressInfo } from "node:net";
import {
  JsonSessionCodec,
  KvSessionStore,
  sessionOf,
  SessionProvider,
  Sessions,
} from "../../websocket/mod.ts";
import vectors from "../vectors/sessions.json" with { type: "json" };
import { ExpressStore } from "./express_store.ts";
import { serve, type Served } from "./wamp_scene.ts";

const SECRET = "keyboard cat";

/** An express application and a socket that share their sessions. */
class Site implements AsyncDisposable {
  readonly sessions: Sessions;
  readonly socket: Served;
  readonly #server: ReturnType<ReturnType<typeof express>["listen"]>;
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  /** Requests of `/slow` wait for this, and tell when they do. */
  readonly slow = { begun: Promise.withResolvers<void>(), go: Promise.withResolvers<void>() };
  cookie = "";

  private constructor(sessions: Sessions, socket: Served) {
    this.sessions = sessions;
    this.socket = socket;
    const app = express();
    const store = new ExpressStore(sessions);
    app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, store }));
    app.get("/set", ({ session, query }, response) => {
      Object.assign(session, query);
      response.json(session);
    });
    app.get("/slow", async ({ session }, response) => {
      this.slow.begun.resolve();
      await this.slow.go.promise;
      session.web = "slow";
      response.json(session);
    });
    app.get("/login", ({ session }, response) => session.regenerate(() => response.json({})));
    this.#server = app.listen(0, "127.0.0.1", () => undefined);
  }

  static async open(): Promise<Site> {
    const store = await KvSessionStore.open(":memory:");
    const sessions = new Sessions(store, {
      codec: new JsonSessionCodec(),
      cookie: { name: "connect.sid", secrets: [SECRET] },
    });
    const socket = await serve(() =>
      new SessionProvider({
        onOpen: (connection) => void connection.send(String(sessionOf(connection).get("web"))),
        async onMessage(connection, value) {
          sessionOf(connection).set("socket", value);
          await sessionOf(connection).save();
          connection.send("saved");
        },
      }, { sessions })
    );
    const site = new Site(sessions, socket);
    if (!site.#server.listening) {
      await new Promise((resolve) => site.#server.once("listening", resolve));
    }
    return site;
  }

  /** Asks the express application, and keeps its cookie. */
  async get(path: string): Promise<Record<string, unknown>> {
    const { port } = this.#server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { Cookie: this.cookie, Connection: "close" },
      client: this.#client,
    });
    const [cookie] = response.headers.getSetCookie();
    if (cookie !== undefined) this.cookie = cookie.split(";")[0];
    return await response.json();
  }

  /** Opens a socket with the cookie; gives the next messages. */
  connect(): { socket: WebSocket; next: () => Promise<string>; close: () => Promise<void> } {
    const socket = new WebSocket(this.socket.url, { headers: { Cookie: this.cookie } });
    const messages: string[] = [];
    let wake = (): void => undefined;
    socket.onmessage = ({ data }) => {
      messages.push(data);
      wake();
    };
    const next = async (): Promise<string> => {
      while (messages.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return messages.shift()!;
    };
    const close = async (): Promise<void> => {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
    };
    return { socket, next, close };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket[Symbol.asyncDispose]();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.sessions[Symbol.asyncDispose]();
    this.#client.close();
  }
}

Deno.test("express reads what the socket wrote, and the socket what express wrote", async () => {
  await using site = await Site.open();
  await site.get("/set?web=hello");
  const { socket, next, close } = site.connect();
  assertEquals(await next(), "hello");
  socket.send("from the socket");
  assertEquals(await next(), "saved");
  const seen = await site.get("/set?again=1");
  assertEquals([seen.web, seen.socket, seen.again], ["hello", "from the socket", "1"]);
  await close();
});

Deno.test("express and the socket lose nothing: the socket writes during a request", async () => {
  await using site = await Site.open();
  await site.get("/set?web=before");
  const { socket, next, close } = site.connect();
  await next();
  const slow = site.get("/slow");
  await site.slow.begun.promise;
  socket.send("meanwhile");
  assertEquals(await next(), "saved");
  site.slow.go.resolve();
  await slow;
  const seen = await site.get("/set?last=1");
  assertEquals([seen.web, seen.socket], ["slow", "meanwhile"]);
  await close();
});

Deno.test("express and the socket lose nothing: express writes before the socket does", async () => {
  await using site = await Site.open();
  await site.get("/set?web=before");
  const { socket, next, close } = site.connect();
  assertEquals(await next(), "before");
  await site.get("/set?web=after");
  socket.send("later");
  assertEquals(await next(), "saved");
  const seen = await site.get("/set?last=1");
  assertEquals([seen.web, seen.socket], ["after", "later"]);
  await close();
});

Deno.test("express makes the old id worthless when it regenerates the session", async () => {
  await using site = await Site.open();
  await site.get("/set?web=hello");
  const old = site.cookie;
  await site.get("/login");
  assert(site.cookie !== old);
  site.cookie = old;
  const { next, close } = site.connect();
  assertEquals(await next(), "undefined");
  await close();
});

Deno.test("express goes on with a session as connect-redis has stored it", async () => {
  await using site = await Site.open();
  const [{ cookie, value, redis_key }] = vectors.express;
  const opened = await site.sessions.open(redis_key.slice("sess:".length), { create: true });
  for (const [key, each] of Object.entries(JSON.parse(value))) opened!.set(key, each);
  await opened!.save();
  site.cookie = cookie;
  const seen = await site.get("/set?web=1");
  assertEquals(seen.user, { name: "Zoë", n: 1 });
  assertEquals(site.cookie, cookie);
});
