import { assert, assertEquals } from "@std/assert";
// @ts-types="./ws.d.ts"
import { WebSocket } from "ws";
import { EventLoop } from "../../loop/mod.ts";
import { type Application, type DeflateOptions, WsServer } from "../../websocket/mod.ts";

const ECHO: Application = { onMessage: (connection, message) => void connection.send(message) };

/** A server on a real port. */
async function serve(
  application: Application,
  options: { deflate?: DeflateOptions | false } = {},
): Promise<{ url: string; server: WsServer } & AsyncDisposable> {
  const loop = new EventLoop();
  const server = new WsServer(application, { loop, ...options });
  const address = await server.listen({ hostname: "127.0.0.1" }) as { port: number };
  return {
    url: `ws://127.0.0.1:${address.port}/`,
    server,
    [Symbol.asyncDispose]: async () => {
      await server.drain();
      await loop[Symbol.asyncDispose]();
    },
  };
}

/** What comes on an event, once. */
function once(socket: WebSocket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => void socket.once(event, (...args: unknown[]) => resolve(args)));
}

async function echo(socket: WebSocket, message: string | Uint8Array): Promise<string | Uint8Array> {
  socket.send(message);
  const [data, isBinary] = await once(socket, "message") as [Uint8Array, boolean];
  return isBinary ? new Uint8Array(data) : new TextDecoder().decode(data);
}

async function close(socket: WebSocket, code?: number): Promise<void> {
  const closed = once(socket, "close");
  socket.close(code);
  await closed;
}

const POLICIES: [what: string, deflate: DeflateOptions | false][] = [
  ["without compression", false],
  ["compressed", { minBytes: 0 }],
  ["compressed with takeover", {
    minBytes: 0,
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
  }],
  ["compressed with small windows", {
    minBytes: 0,
    serverMaxWindowBits: 9,
    clientMaxWindowBits: 9,
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
  }],
];

for (const [what, deflate] of POLICIES) {
  Deno.test(`ws: messages come back ${what}`, async () => {
    await using it = await serve(ECHO, { deflate });
    const socket = new WebSocket(it.url);
    await once(socket, "open");
    assertEquals(socket.extensions.includes("permessage-deflate"), deflate !== false);
    for (const length of [0, 1, 125, 126, 1000, 65_535, 65_536, 300_000]) {
      const text = "häl €😀 ".repeat(length).slice(0, length);
      const whole = text.isWellFormed() ? text : text.slice(0, -1);
      assertEquals(await echo(socket, whole), whole);
      const bytes = new Uint8Array(length).map((_, i) => (i * i) >> 3);
      assertEquals(await echo(socket, bytes), bytes);
    }
    await close(socket);
  });
}

Deno.test("ws: fragments become a message", async () => {
  await using it = await serve(ECHO);
  const socket = new WebSocket(it.url, { perMessageDeflate: false });
  await once(socket, "open");
  socket.send("one ", { fin: false });
  socket.ping("between");
  socket.send("two ", { fin: false });
  assertEquals(await echo(socket, "three"), "one two three");
  await close(socket);
});

Deno.test("ws: pings are answered both ways", async () => {
  let roundTripMs = -1;
  await using it = await serve({
    onMessage: async (connection) => {
      roundTripMs = await connection.ping();
      connection.send("done");
    },
  });
  const socket = new WebSocket(it.url);
  await once(socket, "open");
  const pong = once(socket, "pong");
  socket.ping("payload");
  assertEquals(String((await pong)[0]), "payload");
  assertEquals(await echo(socket, "ping me"), "done");
  assert(roundTripMs >= 0);
  await close(socket);
});

Deno.test("ws: subprotocols and close codes are told", async () => {
  const closes: number[] = [];
  await using it = await serve({
    subprotocols: ["chat"],
    onMessage: (connection) => connection.close(4321, "enough"),
    onClose: (_, { code }) => void closes.push(code),
  });
  const socket = new WebSocket(it.url, ["other", "chat"]);
  await once(socket, "open");
  assertEquals(socket.protocol, "chat");
  const closed = once(socket, "close");
  socket.send("x");
  const [code, reason] = await closed;
  assertEquals([code, String(reason)], [4321, "enough"]);
  const second = new WebSocket(it.url, ["chat"]);
  await once(second, "open");
  await close(second, 3999);
  while (closes.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(closes, [4321, 3999]);
});

Deno.test("ws: a refused handshake tells its status", async () => {
  await using it = await serve({ ...ECHO, onHandshake: () => ({ status: 403 }) });
  const socket = new WebSocket(it.url);
  const [error] = await once(socket, "error") as [Error];
  assertEquals(error.message, "Unexpected server response: 403");
});

Deno.test("ws: many clients get what is broadcast", async () => {
  await using it = await serve(ECHO);
  const sockets = Array.from({ length: 50 }, () => new WebSocket(it.url));
  await Promise.all(sockets.map((socket) => once(socket, "open")));
  const heard = sockets.map((socket) => once(socket, "message"));
  const news = "news ".repeat(2000);
  it.server.broadcast(news);
  for (const [data] of await Promise.all(heard)) assertEquals(String(data), news);
  await Promise.all(sockets.map((socket) => close(socket)));
});
