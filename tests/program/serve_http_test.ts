import { assertEquals, assertRejects } from "@std/assert";
import { ListenError, SystemClock } from "../../loop/mod.ts";
import { freePort } from "../redis/redis_server.ts";
import { Log, readToken, serveHttp, UsageError } from "../../program/mod.ts";

/** Serves on a free port, with a dashboard whose only page ends when it is disposed. */
function serve(port = 0): AsyncDisposable & { lines: string[]; url: string } {
  const lines: string[] = [];
  const clock = new SystemClock();
  const log = new Log({
    format: "text",
    write: (line) => void lines.push(line),
    wallMs: () => clock.wallMs(),
  });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  const dashboard = {
    serves: (request: Request) => new URL(request.url).pathname === "/dashboard",
    fetch: () => Promise.resolve(new Response(readable)),
    [Symbol.dispose]: () => void writer.close(),
  };
  const handler = (request: Request): Promise<Response> => {
    if (request.url.endsWith("/broken")) throw new TypeError("The handler is broken");
    return Promise.resolve(new Response("other"));
  };
  const server = serveHttp({ hostname: "127.0.0.1", port, log, dashboard, handler });
  const [, found] = /:(\d+) \(http\)/.exec(lines[0])!;
  return {
    lines,
    url: `http://127.0.0.1:${found}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

Deno.test("serveHttp() serves the dashboard and the rest, and ends though a page is followed", async () => {
  const server = serve();
  const page = await fetch(`${server.url}/dashboard`);
  assertEquals(await (await fetch(`${server.url}/x`)).text(), "other");
  const broken = await fetch(`${server.url}/broken`);
  assertEquals([broken.status, await broken.json()], [500, { error: "Cannot serve request" }]);
  assertEquals(server.lines[1].includes("The handler is broken"), true);
  await server[Symbol.asyncDispose]();
  assertEquals(await page.text(), "");
});

Deno.test("serveHttp() ends though a client reads nothing of what it asked for", async () => {
  const started = Promise.withResolvers<void>();
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(1_000_000));
      started.resolve();
    },
  });
  const clock = new SystemClock();
  const log = new Log({ format: "text", write: () => undefined, wallMs: () => clock.wallMs() });
  const port = freePort();
  const handler = (): Promise<Response> => Promise.resolve(new Response(body));
  const server = serveHttp({ hostname: "127.0.0.1", port, log, handler, patienceMs: 50 });
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  await client.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  await started.promise;
  await server[Symbol.asyncDispose]();
  client.close();
});

Deno.test("serveHttp() says so when the port is taken", async () => {
  await using server = serve();
  const { host, port } = new URL(server.url);
  const error = await assertRejects(async () => void await serve(Number(port)), ListenError);
  assertEquals(error.message, `Cannot listen on ${host} as the address is in use`);
});

Deno.test("readToken() takes a token without blanks around it, and no empty one", async () => {
  const file = await Deno.makeTempFile();
  assertEquals(await readToken(undefined), undefined);
  await assertRejects(() => readToken(file), UsageError, "as it is empty");
  await Deno.writeTextFile(file, " secret\n");
  assertEquals(await readToken(file), "secret");
  await assertRejects(() => readToken(`${file}x`), UsageError, "there is no such file");
  await Deno.remove(file);
});
