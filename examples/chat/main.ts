/**
 * A chat with a page, on one port: `deno run -A examples/chat/main.ts`, then
 * open http://localhost:8000/ in two browsers. A visitor's name is kept in its
 * web session, which outlives reloads and restarts.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  AggregateApplication,
  KvSessionStore,
  SessionProvider,
  Sessions,
  WsServer,
} from "@sluice/sluice/websocket";
import { ChatApplication } from "./chat_application.ts";
import { IndicatorApplication } from "./indicator_application.ts";

const PAGE = await Deno.readTextFile(new URL("page.html", import.meta.url));
const CLIENT = await Deno.readTextFile(
  new URL("../../websocket/client/reconnecting_client.js", import.meta.url),
);
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** Gives the page, and with it the cookie of a session that is stored already. */
async function servePage(request: Request, sessions: Sessions): Promise<Response> {
  const session = await sessions.ofRequest(request);
  await session.save();
  return new Response(PAGE, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Set-Cookie": sessions.cookie.format(session.id),
    },
  });
}

/** A page of another site must not speak for its visitor. */
function isSameOrigin(request: Request): boolean {
  const origin = request.headers.get("origin");
  return origin === null || URL.parse(origin)?.host === request.headers.get("host");
}

if (import.meta.main) {
  const { port, store, hostname } = parseArgs(Deno.args, {
    string: ["port", "store", "hostname"],
    default: { port: "8000", store: "chat.sqlite3", hostname: "127.0.0.1" },
  });
  const sessions = new Sessions(await KvSessionStore.open(store), {
    cookie: { name: "chat", maxAgeMs: WEEK_MS },
    ttlMs: WEEK_MS,
  });
  const chat = new WsServer(
    new SessionProvider(
      new AggregateApplication({
        "/chat": new ChatApplication(),
        "/indicator": new IndicatorApplication(),
      }),
      { sessions },
    ),
    { onError: (error) => console.error(error) },
  );
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => stop.abort());
  }
  const server = Deno.serve({
    port: Number(port),
    hostname,
    onListen: (address) =>
      console.error(`listening on http://${address.hostname}:${address.port}/`),
  }, (request, info) => {
    if (!isSameOrigin(request)) return new Response("Another origin\n", { status: 403 });
    const { pathname } = new URL(request.url);
    if (pathname === "/") return servePage(request, sessions);
    if (pathname === "/reconnecting_client.js") {
      return new Response(CLIENT, {
        headers: { "Content-Type": "text/javascript; charset=utf-8" },
      });
    }
    return chat.handler(request, info);
  });
  stop.signal.addEventListener("abort", async () => {
    await chat.drain();
    await server.shutdown();
    await sessions[Symbol.asyncDispose]();
    Deno.exit(0);
  });
}
