import { assertEquals, assertMatch } from "@std/assert";
import { RedisJobStore } from "../../queue/mod.ts";
import { RedisServer, testRedis } from "../redis/redis_server.ts";
import { Program, runProgram } from "./program.ts";

const SERVER = "queue/server.ts";
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

async function serve(url: string): Promise<{ server: Program; port: number }> {
  const flags = ["--store", url, "--line", "0", "--beanstalk", "0"];
  const server = Program.start([SERVER, ...flags]);
  const [line, port] = await server.line(/^listening on [^ ]*:(\d+) \(lines\).*jobs in redis:/);
  assertEquals(line.includes("secret"), false);
  return { server, port: Number(port) };
}

async function sendLine(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

testRedis("queue/server.ts --store redis:// keeps jobs of several servers over kills", async () => {
  await using redis = await RedisServer.start({ args: DURABLE, password: "secret" });
  const [one, two] = await Promise.all([serve(redis.url), serve(redis.url)]);
  await using _one = one.server;
  await using _two = two.server;
  assertEquals(await sendLine(one.port, '{"job":"hello","data":1}\n'), "");
  assertEquals(await sendLine(two.port, '{"job":"hello","data":2}\n'), "");
  await using store = await RedisJobStore.open(redis.url);
  for (let found = 0; found < 2;) found = (await store.list("default", { state: "ready" })).length;
  await redis.kill();
  await one.server.line(/Cannot use Redis at .*; trying again/);
  await redis.restart();
  await one.server.line(/connected to Redis again/);
  await one.server.end("SIGKILL");
  assertEquals(await sendLine(two.port, '{"job":"hello","data":3}\n'), "");
  const seen: unknown[] = [];
  while (seen.length < 3) {
    for (const job of await store.reserve({ tubes: ["default"], max: 9 })) {
      seen.push(JSON.parse(new TextDecoder().decode(job.body)).data);
      await store.complete(job);
    }
  }
  assertEquals(seen.toSorted(), [1, 2, 3]);
  assertEquals(await two.server.end("SIGTERM"), 0);
});

testRedis("queue/server.ts --store redis:// refuses a wrong password in one line", async () => {
  await using redis = await RedisServer.start({ password: "secret" });
  const url = redis.url.replace("secret", "guess");
  const { code, stderr } = await runProgram([SERVER, "--store", url]);
  assertEquals(code, 1);
  assertMatch(stderr, /^[^\n]*as the user or password is wrong\n$/);
  assertEquals(stderr.includes("guess"), false);
});

testRedis(
  "queue/server.ts waits for a Redis that is down, and takes jobs once it is up",
  async () => {
    await using redis = await RedisServer.start();
    await redis.kill();
    const flags = ["--store", redis.url, "--line", "0", "--beanstalk", "0"];
    await using server = Program.start([SERVER, ...flags]);
    await server.line(/^warning: Cannot use Redis at .* as nobody listens there; trying again$/);
    await redis.restart();
    const [, port] = await server.line(/:(\d+) \(lines\)/);
    // A Redis that is slow makes all wait, and nothing is lost.
    await redis.ask("CLIENT", "PAUSE", "300", "ALL");
    assertEquals(await sendLine(Number(port), '{"job":"slow"}\n'), "");
    await using store = await RedisJobStore.open(redis.url);
    assertEquals(store.stats().ready, 1);
    // One that is full makes its senders wait until it is not.
    await redis.ask("CONFIG", "SET", "maxmemory", "1");
    const sent = sendLine(Number(port), '{"job":"full"}\n');
    await server.line(/^error: .*its memory is full/);
    await redis.ask("CONFIG", "SET", "maxmemory", "0");
    assertEquals(await sent, "");
    assertEquals((await store.list("default", { state: "ready" })).length, 2);
    assertEquals(await server.end("SIGTERM"), 0);
  },
);
