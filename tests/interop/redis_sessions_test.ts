import { assertEquals } from "@std/assert";
// @ts-types="./connect_redis.d.ts"
import { RedisStore } from "connect-redis";
// @ts-types="./express.d.ts"
import express from "express";
// @ts-types="./express_session.d.ts"
import session from "express-session";
import type { AddressInfo } from "node:net";
import { createClient } from "redis";
import {
  PhpSessionCodec,
  RedisSessionStore,
  sessionOf,
  SessionProvider,
  Sessions,
} from "../../websocket/mod.ts";
import { need } from "../needs.ts";
import { RedisServer, testRedis } from "../redis/redis_server.ts";
import { PhpSite } from "./php_site.ts";
import { serve, type Served } from "./wamp_scene.ts";

const SECRET = "keyboard cat";

/** A socket that tells and sets variables of its session. */
function serveSocket(sessions: Sessions): Promise<Served> {
  return serve(() =>
    new SessionProvider({
      async onMessage(connection, message) {
        const session = sessionOf(connection);
        const [name, value] = String(message).split("=");
        if (value === undefined) await session.reload();
        else {
          session.set(name, value);
          await session.save();
        }
        connection.send(JSON.stringify(session.get(name) ?? null));
      },
    }, { sessions })
  );
}

/** Sends one message, and gives the answer. */
async function tell(socket: Served, cookie: string, message: string): Promise<unknown> {
  const client = new WebSocket(socket.url, { headers: { Cookie: cookie } });
  await new Promise((resolve) => client.onopen = resolve);
  const answer = new Promise<string>((resolve) => client.onmessage = ({ data }) => resolve(data));
  client.send(message);
  const text = await answer;
  const closed = new Promise((resolve) => client.onclose = resolve);
  client.close();
  await closed;
  return JSON.parse(text);
}

testRedis("express-session with connect-redis and the socket share one session", async () => {
  await using server = await RedisServer.start();
  const client = await createClient({ url: server.url }).connect();
  const app = express();
  const store = new RedisStore({ client });
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, store }));
  app.get("/set", ({ session, query }, response) => {
    Object.assign(session, query);
    response.json(session);
  });
  const http = app.listen(0, "127.0.0.1", () => undefined);
  if (!http.listening) await new Promise((resolve) => http.once("listening", resolve));
  await using sessions = new Sessions(await RedisSessionStore.open(server.url), {
    cookie: { name: "connect.sid", secrets: [SECRET] },
  });
  {
    await using socket = await serveSocket(sessions);
    const { port } = http.address() as AddressInfo;
    let cookie = "";
    const get = async (path: string): Promise<Record<string, unknown>> => {
      const headers = { Cookie: cookie, Connection: "close" };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
      cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
      return await response.json();
    };
    await get("/set?web=hello");
    assertEquals(await tell(socket, cookie, "web"), "hello");
    assertEquals(await tell(socket, cookie, "socket=hi"), "hi");
    const seen = await get("/set?again=1");
    assertEquals([seen.web, seen.socket, seen.again], ["hello", "hi", "1"]);
    assertEquals(await tell(socket, cookie, "again"), "1");
  }
  await new Promise((resolve) => http.close(resolve));
  client.destroy();
});

const php = need("redis-server", "php", "php-redis");

Deno.test({
  name: `PHP with a session as Symfony's and the socket share it, locks included${php.suffix}`,
  ignore: php.ignore,
  async fn() {
    await using server = await RedisServer.start();
    await using site = await PhpSite.start(server.port);
    const store = await RedisSessionStore.open(server.url, {
      layout: "phpredis",
      lockPollMs: 5,
      lockWaitMs: 60_000,
    });
    await using sessions = new Sessions(store, {
      codec: new PhpSessionCodec({ bag: "_sf2_attributes" }),
      cookie: { name: "PHPSESSID" },
    });
    await using socket = await serveSocket(sessions);
    const id = "0123456789abcdef0123456789abcdef";
    const cookie = `PHPSESSID=${id}`;
    assertEquals(await site.ask("open", id), "opened");
    await site.ask("set", "web", "žluť");
    await site.ask("close");
    assertEquals(await tell(socket, cookie, "web"), "žluť");

    // While PHP has the session open, the socket waits for it.
    await site.ask("open", id);
    const telling = tell(socket, cookie, "socket=hi");
    assertEquals(await site.ask("get", "socket"), "none");
    await site.ask("set", "web", "later");
    await site.ask("close");
    assertEquals(await telling, "hi");

    await site.ask("open", id);
    assertEquals(await site.ask("get", "socket"), "hi");
    assertEquals(await site.ask("get", "web"), "later");
    await site.ask("close");
  },
});
