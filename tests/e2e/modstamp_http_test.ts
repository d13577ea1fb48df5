import { assertEquals, assertStringIncludes } from "@std/assert";
import { freePort } from "../redis/redis_server.ts";
import { EventStream } from "./event_stream.ts";
import { Program, runProgram } from "./program.ts";

const SERVER = ["modstamp/server.ts", "--hostname", "127.0.0.1", "--port", "0"];
const TOKEN = { authorization: "Bearer secret" };

async function tokenFile(): Promise<string> {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "secret\n");
  return path;
}

async function start(...flags: string[]): Promise<{ server: Program; udp: string; base: string }> {
  const server = Program.start([...SERVER, "--token", await tokenFile(), ...flags]);
  const [, port] = await server.line(/:(\d+) \(udp\)/);
  const [, http] = await server.line(/:(\d+) \(http\)/);
  const base = `http://127.0.0.1:${http}/v1/modstamps`;
  return { server, udp: `127.0.0.1:${port}`, base };
}

async function put(url: string, body: string): Promise<Record<string, string>> {
  const response = await fetch(url, { method: "PUT", headers: TOKEN, body });
  return { status: response.status, ...await response.json() };
}

async function send(udp: string, ...changes: string[]): Promise<void> {
  const { code, stderr } = await runProgram(["modstamp/client.ts", "send", udp, ...changes]);
  assertEquals([code, stderr], [0, ""]);
}

Deno.test("modstamp/server.ts --http tells browsers what clients change, and the other way", async () => {
  const { server, udp, base } = await start("--store", "memory:", "--http", "0");
  await using _server = server;
  await using stream = await EventStream.open(`${base}?id=prices&id=stock`);
  await using listener = Program.start(["modstamp/client.ts", "listen", udp, "stock=none"]);
  const polled = fetch(`${base}/prices?known=`);
  await send(udp, "prices=v1");
  await stream.until("prices", "v1");
  assertEquals(await (await polled).json(), { id: "prices", value: "v1" });
  assertEquals(
    await put(`${base}/stock`, "s7"),
    { status: 200, id: "stock", value: "s7" } as never,
  );
  await stream.until("stock", "s7");
  await listener.line(/^stock=s7$/);
  assertEquals(await listener.end("SIGTERM"), 0);
  const refused = await fetch(`${base}/stock`, { method: "PUT", body: "s8" });
  assertEquals(refused.status, 401);
  await refused.body?.cancel();
  // Streams don't keep the server.
  assertEquals(await server.end("SIGTERM"), 0);
  assertEquals(await stream.next(), null);
});

Deno.test("modstamp/server.ts --http sends after a restart exactly what has changed", async () => {
  const folder = await Deno.makeTempDir();
  const port = freePort();
  const flags = ["--store", `kv:${folder}/m.db`, "--http", `${port}`];
  const { server, udp, base } = await start(...flags);
  const url = `${base}?id=a&id=b&id=c&id=d`;
  await send(udp, "a=1", "b=1", "c=1");
  await using first = await EventStream.open(url);
  await first.until("d", "");
  await send(udp, "b=2");
  await first.until("b", "2");
  await server.end("SIGKILL");
  assertEquals(await first.next(), null);

  const second = await start(...flags);
  await using _second = second.server;
  await put(`${base}/a`, "2");
  await put(`${base}/d`, "1");
  await put(`${base}/b`, "3");
  await put(`${base}/b`, "2");
  await using again = await EventStream.open(url, first.lastEventId);
  assertEquals([await again.next(), await again.next()], [
    { id: "a", value: "2" },
    { id: "d", value: "1" },
  ]);
  await put(`${base}/c`, "2");
  assertEquals(await again.next(), { id: "c", value: "2" });
  assertEquals(await second.server.end("SIGTERM"), 0);
});

Deno.test({
  name: "modstamp/server.ts --http with --workers tells what each of them is told",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const flags = ["--store", "memory:", "--http", "0", "--workers", "2"];
    const { server, udp, base } = await start(...flags);
    await using _server = server;
    await using stream = await EventStream.open(`${base}?id=a&id=b`);
    await using listener = Program.start(["modstamp/client.ts", "listen", udp, "b=none"]);
    // Clients have a port each, and so come to one worker or the other.
    for (const value of ["1", "2", "3", "4"]) {
      await send(udp, `a=${value}`);
      await stream.until("a", value);
    }
    await put(`${base}/b`, "5");
    await stream.until("b", "5");
    await listener.line(/^b=5$/);
    assertEquals(await listener.end("SIGTERM"), 0);
    const page = await fetch(new URL("/watch?id=a", base));
    assertStringIncludes(await page.text(), "<code>4</code>");
    assertEquals(await server.end("SIGTERM"), 0);
    assertEquals(await stream.next(), null);
  },
});

Deno.test("modstamp/server.ts serves HTTP beyond this machine only with a token", async () => {
  const flags = ["--store", "memory:", "--http", "0", "--http-hostname", "0.0.0.0"];
  const { code, stderr } = await runProgram([...SERVER, ...flags]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot serve HTTP on 0.0.0.0 without --token");
  const wrong = await runProgram([...SERVER, "--http", "0", "--origins", "example.com"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "Cannot use --origins example.com");
});

Deno.test("modstamp/server.ts --http-writers all lets everybody change, and --origins pages of other sites", async () => {
  const flags = ["--store", "memory:", "--http", "0", "--http-writers", "all"];
  const { server, base } = await start(...flags, "--origins", "https://a.example");
  await using _server = server;
  const headers = { origin: "https://a.example" };
  const response = await fetch(`${base}/a`, { method: "PUT", body: "1", headers });
  assertEquals(response.headers.get("access-control-allow-origin"), "https://a.example");
  assertEquals(await response.json(), { id: "a", value: "1" });
  assertEquals(await server.end("SIGTERM"), 0);
});
