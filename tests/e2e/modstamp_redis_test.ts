import { assertEquals, assertMatch } from "@std/assert";
import { freePort, RedisServer, testRedis } from "../redis/redis_server.ts";
import { Program, runProgram } from "./program.ts";

const SERVER = "modstamp/server.ts";
const CLIENT = "modstamp/client.ts";

async function client(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram([CLIENT, ...args]);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

async function serve(url: string, ...flags: string[]): Promise<{ server: Program; host: string }> {
  const server = Program.start([SERVER, "--port", "0", "--store", url, ...flags]);
  const [line, port] = await server.line(/^listening on .*:(\d+) \(udp\).*values in redis:/);
  assertEquals(line.includes("secret"), false);
  return { server, host: `127.0.0.1:${port}` };
}

testRedis("modstamp/server.ts --store redis:// makes several servers one", async () => {
  const args = ["--appendonly", "yes", "--appendfsync", "always"];
  await using redis = await RedisServer.start({ args, password: "secret" });
  const [one, two] = await Promise.all([
    serve(redis.url),
    serve(redis.url, ...(Deno.build.os === "linux" ? ["--workers", "2"] : [])),
  ]);
  await using _one = one.server;
  await using _two = two.server;
  const listeners = [one, two, two].map(({ host }) =>
    Program.start([CLIENT, "listen", host, "test=none"])
  );
  await client("send", one.host, "test=abc");
  for (const listener of listeners) await listener.line(/^test=abc$/);

  await redis.kill();
  await one.server.line(/Cannot use Redis at 127.0.0.1:\d+ as .*; trying again/);
  assertEquals(await client("get", two.host, "test"), "test=abc\n");
  await redis.restart();
  await one.server.line(/connected to Redis again/);
  await two.server.line(/connected to Redis again/);
  await client("send", two.host, "test=def");
  for (const listener of listeners) await listener.line(/^test=def$/);
  for (const listener of listeners) assertEquals(await listener.end("SIGTERM"), 0);
  assertEquals(await one.server.end("SIGTERM"), 0);
  assertEquals(await two.server.end("SIGTERM"), 0);
});

testRedis(
  "modstamp/server.ts waits for a Redis that is down, and refuses a wrong password",
  async () => {
    await using redis = await RedisServer.start({ password: "secret" });
    await redis.kill();
    await using server = Program.start([SERVER, "--port", "0", "--store", redis.url]);
    await server.line(/^warning: Cannot use Redis at .* as nobody listens there; trying again$/i);
    await redis.restart();
    await server.line(/^listening on/);
    assertEquals(await server.end("SIGTERM"), 0);

    const url = redis.url.replace("secret", "guess");
    const { code, stderr } = await runProgram([SERVER, "--port", "0", "--store", url]);
    assertEquals(code, 1);
    assertMatch(stderr, /^[^\n]*as the user or password is wrong\n$/);
    assertEquals(stderr.includes("guess"), false);
  },
);

Deno.test("modstamp/server.ts tells of a URL of Redis that is none, without its password", async () => {
  const url = `redis://:secret@127.0.0.1:${freePort()}/x`;
  const { code, stderr } = await runProgram([SERVER, "--store", url]);
  assertEquals(code, 2);
  assertMatch(stderr, /^[^\n]*Cannot use URL of Redis[^\n]*\n$/);
  assertEquals(stderr.includes("secret"), false);
});
