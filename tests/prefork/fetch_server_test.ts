import {
  assertEquals,
  assertNotEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { lastOfConnection } from "../../prefork/_fetch_server.ts";
import { InheritedServer } from "../../prefork/_inherited_server.ts";
import { Libc } from "../../prefork/linux/libc.ts";
import { openListenSocket } from "../../prefork/linux/listen_socket.ts";
import type { FetchHandler } from "../../prefork/mod.ts";
import { PortServer } from "../../prefork/_port_server.ts";

Deno.test("lastOfConnection() ends the connection of any response", async () => {
  const plain = new Response("a", { status: 201 });
  assertStrictEquals(lastOfConnection(plain), plain);
  assertEquals(plain.headers.get("connection"), "close");
  const redirect = Response.redirect("http://localhost/");
  const ended = lastOfConnection(redirect);
  assertNotStrictEquals(ended, redirect);
  assertEquals([ended.status, ended.headers.get("connection")], [302, "close"]);
  assertEquals(ended.headers.get("location"), "http://localhost/");
  assertEquals(await ended.text(), "");
});

/** What both servers do alike. */
interface Serving extends AsyncDisposable {
  port: number;
  drain(): void;
}

const servers: Record<string, (handler: FetchHandler, onRequest: () => void) => Promise<Serving>> =
  {
    PortServer: (handler, onRequest) => {
      const at = { hostname: "127.0.0.1", port: 0, reusePort: true };
      const server = new PortServer({ ...at, handler, onRequest });
      return Promise.resolve({
        port: server.port,
        drain: () => server.drain(),
        [Symbol.asyncDispose]: () => server.shutdown(),
      });
    },
    InheritedServer: async (handler, onRequest) => {
      const libc = Libc.open()!;
      const { fd, port } = openListenSocket(libc, { hostname: "127.0.0.1", port: 0 });
      const server = await InheritedServer.listen({ fd, handler, onRequest });
      return {
        port,
        drain: () => server.drain(),
        [Symbol.asyncDispose]: async () => {
          await server.shutdown();
          libc[Symbol.dispose]();
        },
      };
    },
  };

/** Makes requests on connections that are not kept for other tests. */
function makeClient(): Deno.HttpClient {
  return Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
}

for (const [name, serve] of Object.entries(servers)) {
  const ignore = name === "InheritedServer" && Deno.build.os !== "linux";

  Deno.test({
    name: `${name} gives both arguments to handlers that don't name them`,
    ignore,
    fn: async () => {
      const answer: FetchHandler = (request, info) =>
        new Response(`${request.method} from ${info.remoteAddr.hostname}`);
      const passing = (...args: Parameters<FetchHandler>) => answer(...args);
      const named = (request: Request, ...rest: [Parameters<FetchHandler>[1]]) =>
        answer(request, ...rest);
      for (const handler of [passing, named]) {
        await using server = await serve(handler, () => {});
        using client = makeClient();
        const response = await fetch(`http://127.0.0.1:${server.port}/`, { client });
        assertEquals(await response.text(), "GET from 127.0.0.1");
      }
    },
  });

  Deno.test({
    name: `${name} answers, and counts requests`,
    ignore,
    fn: async () => {
      let requests = 0;
      const handler: FetchHandler = async (request, info) =>
        Response.json({
          method: request.method,
          url: new URL(request.url).pathname + new URL(request.url).search,
          header: request.headers.get("x-test"),
          body: await request.text(),
          from: info.remoteAddr.hostname,
        }, { status: 202, headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
      await using server = await serve(handler, () => requests++);
      using client = makeClient();
      const response = await fetch(`http://127.0.0.1:${server.port}/path?q=1`, {
        method: "POST",
        headers: { "x-test": "yes" },
        body: "x".repeat(200_000),
        client,
      });
      assertEquals([response.status, response.headers.getSetCookie()], [202, ["a=1", "b=2"]]);
      assertEquals(await response.json(), {
        method: "POST",
        url: "/path?q=1",
        header: "yes",
        body: "x".repeat(200_000),
        from: "127.0.0.1",
      });
      const head = await fetch(`http://127.0.0.1:${server.port}/`, { method: "HEAD", client });
      assertEquals(await head.text(), "");
      assertEquals(requests, 2);
    },
  });

  Deno.test({
    name: `${name} streams an answer`,
    ignore,
    fn: async () => {
      const chunk = new Uint8Array(65_536).fill(120);
      const handler: FetchHandler = () =>
        new Response(
          new ReadableStream({
            start: (controller) => {
              for (let i = 0; i < 32; i++) controller.enqueue(chunk);
              controller.close();
            },
          }),
        );
      await using server = await serve(handler, () => {});
      using client = makeClient();
      const response = await fetch(`http://127.0.0.1:${server.port}/`, { client });
      assertEquals((await response.bytes()).length, 32 * 65_536);
    },
  });

  Deno.test({
    name: `${name}.shutdown() lets a request finish, and drain() ends its connection`,
    ignore,
    fn: async () => {
      const entered = Promise.withResolvers<void>();
      const leave = Promise.withResolvers<void>();
      let asked = 0;
      const handler: FetchHandler = async () => {
        if (++asked === 2) {
          entered.resolve();
          await leave.promise;
        }
        return new Response("done");
      };
      const server = await serve(handler, () => {});
      using client = Deno.createHttpClient({});
      const get = (): Promise<Response> => fetch(`http://127.0.0.1:${server.port}/`, { client });
      const alive = await get();
      assertEquals(await alive.text(), "done");
      assertNotEquals(alive.headers.get("connection"), "close");
      server.drain();
      const pending = get();
      await entered.promise;
      const closing = server[Symbol.asyncDispose]();
      leave.resolve();
      assertEquals(await (await pending).text(), "done");
      await closing;
    },
  });
}
