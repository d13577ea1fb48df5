import { assertEquals, assertMatch } from "@std/assert";
import { KvConnectServer } from "../kv_connect/kv_connect_server.ts";
import { Program, runProgram } from "./program.ts";

const SERVER = "modstamp/server.ts";
const CLIENT = "modstamp/client.ts";
const env = { DENO_KV_ACCESS_TOKEN: "token" };

Deno.test("modstamp/server.ts on a remote KV makes several servers one", async () => {
  await using database = await KvConnectServer.start();
  const start = async (): Promise<{ server: Program; host: string }> => {
    const server = Program.start([SERVER, "--port", "0", "--store", database.url], { env });
    const [, port] = await server.line(/^listening on .*:(\d+) \(udp\)/);
    return { server, host: `127.0.0.1:${port}` };
  };
  const [one, two] = await Promise.all([start(), start()]);
  await using _one = one.server;
  await using _two = two.server;
  await using listener = Program.start([CLIENT, "listen", two.host, "test=none"]);
  const { code } = await runProgram([CLIENT, "send", one.host, "test=abc"]);
  assertEquals(code, 0);
  await listener.line(/^test=abc$/);
  assertEquals(await one.server.end("SIGTERM"), 0);
  assertEquals(await two.server.end("SIGTERM"), 0);
});

Deno.test("modstamp/server.ts refuses --workers on a remote KV", async () => {
  const args = [SERVER, "--workers", "2", "--store", "https://example.com"];
  const { code, stderr } = await runProgram(args, { env });
  assertEquals(code, 2);
  assertMatch(stderr, /^[^\n]*Cannot use --workers with a remote KV[^\n]*\n$/);
});
