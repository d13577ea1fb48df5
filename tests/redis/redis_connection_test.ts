import { assert, assertEquals, assertRejects } from "@std/assert";
import { RedisConnection, RedisError, RedisScript } from "../../redis/mod.ts";
import { freePort, RedisServer, testRedis } from "./redis_server.ts";

const FAST = { minBackoffMs: 5, maxBackoffMs: 20 };

function textOf(reply: unknown): unknown {
  return reply instanceof Uint8Array ? new TextDecoder().decode(reply) : reply;
}

/** What a connection told of its troubles, and a way to wait for its recovery. */
function witness() {
  const troubles: string[] = [];
  let wake = (): void => undefined;
  let recoveries = 0;
  return {
    troubles,
    options: {
      onTrouble: (error: RedisError) => void troubles.push(error.code),
      onRecovery: () => {
        recoveries++;
        wake();
      },
    },
    async recovered(count = 1): Promise<void> {
      while (recoveries < count) await new Promise<void>((resolve) => wake = resolve);
    },
  };
}

testRedis("RedisConnection.call() takes and gives bytes", async () => {
  await using server = await RedisServer.start();
  await using redis = await RedisConnection.open(server.url);
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assertEquals(await redis.call(["SET", "ä", bytes]), "OK");
  assertEquals(await redis.call(["GET", "ä"]), bytes);
  assertEquals(await redis.call(["GET", "none"]), null);
  const error = await assertRejects(() => redis.call(["LPUSH", "ä", "x"]), RedisError);
  assertEquals(error.code, "reply");
  assert(error.message.includes(`127.0.0.1:${server.port}`));
});

testRedis("RedisConnection.run() teaches Redis a script, again after a restart", async () => {
  await using server = await RedisServer.start();
  const seen = witness();
  await using redis = await RedisConnection.open(server.url, { ...FAST, ...seen.options });
  const script = new RedisScript("return {KEYS[1], ARGV[1]}");
  const run = async () =>
    (await redis.run(script, { keys: ["k"], args: ["a"] }, { retry: true }) as unknown[])
      .map(textOf);
  assertEquals(await run(), ["k", "a"]);
  await server.kill();
  await server.restart();
  assertEquals(await run(), ["k", "a"]);
  await redis.call(["SCRIPT", "FLUSH"]);
  assertEquals(await run(), ["k", "a"]);
});

testRedis("RedisConnection reconnects when the server closes what is unused", async () => {
  await using server = await RedisServer.start({ args: ["--timeout", "1"] });
  const seen = witness();
  await using redis = await RedisConnection.open(server.url, { ...FAST, ...seen.options });
  await redis.call(["SET", "a", "1"]);
  await seen.recovered();
  assertEquals(seen.troubles, ["offline"]);
  assertEquals(textOf(await redis.call(["GET", "a"])), "1");
});

testRedis("RedisConnection pings what is unused, so that it stays open", async () => {
  await using server = await RedisServer.start({ args: ["--timeout", "2"] });
  const seen = witness();
  const options = { ...FAST, ...seen.options, checkEveryMs: 200 };
  await using redis = await RedisConnection.open(server.url, options);
  const pings = async () => /cmdstat_ping:calls=(\d+)/.exec(await server.ask("INFO", "all"))?.[1];
  while (Number(await pings() ?? 0) < 15);
  assertEquals([redis.isConnected, seen.troubles], [true, []]);
});

testRedis("RedisConnection goes on after a kill: calls wait, subscriptions last", async () => {
  await using server = await RedisServer.start();
  const seen = witness();
  await using redis = await RedisConnection.open(server.url, { ...FAST, ...seen.options });
  const messages: unknown[] = [];
  let wake = (): void => undefined;
  using _subscription = await redis.subscribe("news", (message) => {
    messages.push(textOf(message));
    wake();
  });
  await server.kill();
  const waiting = redis.call(["INCR", "n"], { retry: true, timeoutMs: 60_000 });
  await server.restart();
  assertEquals(await waiting, 1);
  await redis.call(["PUBLISH", "news", "again"]);
  while (messages.length === 0) await new Promise<void>((resolve) => wake = resolve);
  assertEquals(messages, ["again"]);
});

testRedis("RedisConnection.call() says why when the server is gone, and recovers", async () => {
  await using server = await RedisServer.start();
  const seen = witness();
  await using redis = await RedisConnection.open(server.url, { ...FAST, ...seen.options });
  await server.kill();
  const error = await assertRejects(
    () => redis.call(["GET", "a"], { retry: true, timeoutMs: 200 }),
    RedisError,
    `Cannot use Redis at 127.0.0.1:${server.port} as nobody listens there`,
  );
  assertEquals(error.code, "offline");
  await server.restart();
  await seen.recovered();
  assertEquals(await redis.call(["GET", "a"]), null);
});

testRedis("RedisConnection leaves a server that hangs, and comes back to it", async () => {
  await using server = await RedisServer.start();
  const seen = witness();
  await using redis = await RedisConnection.open(server.url, {
    ...FAST,
    ...seen.options,
    connectTimeoutMs: 100,
    patienceMs: 60_000,
  });
  server.pause();
  const error = await assertRejects(() => redis.call(["GET", "a"], { timeoutMs: 50 }), RedisError);
  assertEquals(error.code, "timeout");
  assertEquals(
    error.message,
    `Cannot wait for Redis at redis://127.0.0.1:${server.port} as it has not answered for 50 ms`,
  );
  assertEquals(redis.isConnected, false);
  server.resume();
  await seen.recovered();
  assertEquals(await redis.call(["GET", "a"]), null);
});

testRedis("RedisConnection.call() lets no more than maxCalls wait", async () => {
  await using server = await RedisServer.start();
  await using redis = await RedisConnection.open(server.url, { ...FAST, maxCalls: 2 });
  server.pause();
  const two = [redis.call(["GET", "a"]), redis.call(["GET", "a"])];
  const error = await assertRejects(() => redis.call(["GET", "a"]), RedisError);
  assertEquals(error.code, "busy");
  server.resume();
  assertEquals(await Promise.all(two), [null, null]);
});

testRedis("RedisConnection.open() refuses a wrong password, and names no password", async () => {
  await using server = await RedisServer.start({ password: "right" });
  const url = server.url.replace("right", "wrong-one");
  const error = await assertRejects(
    () => RedisConnection.open(url, { patienceMs: 60_000 }),
    RedisError,
    "the user or password is wrong",
  );
  assertEquals(error.code, "refused");
  assertEquals(Deno.inspect(error).includes("wrong-one"), false);
  const none = await assertRejects(
    () => RedisConnection.open(url.replace(":wrong-one@", "")),
    RedisError,
    "it asks for a password",
  );
  assertEquals(none.code, "refused");
});

testRedis("RedisConnection.open() waits patiently for a server that comes up", async () => {
  await using server = await RedisServer.start();
  await server.kill();
  const refused = await assertRejects(() => RedisConnection.open(server.url), RedisError);
  assertEquals(refused.code, "offline");
  const seen = witness();
  const opening = RedisConnection.open(server.url, {
    ...FAST,
    ...seen.options,
    patienceMs: 60_000,
  });
  await server.restart();
  await using redis = await opening;
  assertEquals(await redis.call(["GET", "a"]), null);
});

testRedis("RedisConnection.call() tells that the memory is full", async () => {
  await using server = await RedisServer.start({
    args: ["--maxmemory", "1", "--maxmemory-policy", "noeviction"],
  });
  await using redis = await RedisConnection.open(server.url);
  const error = await assertRejects(() => redis.call(["SET", "a", "b"]), RedisError);
  assertEquals([error.code, error.message], [
    "full",
    `Cannot use Redis at 127.0.0.1:${server.port} as its memory is full`,
  ]);
});

testRedis("RedisConnection uses the server that is the master, also after a failover", async () => {
  await using one = await RedisServer.start({ args: ["--repl-diskless-sync-delay", "0"] });
  await using two = await RedisServer.start({
    args: ["--replicaof", "127.0.0.1", String(one.port)],
  });
  const seen = witness();
  const url = `redis://127.0.0.1:${two.port},127.0.0.1:${one.port}`;
  await using redis = await RedisConnection.open(url, { ...FAST, ...seen.options });
  await redis.call(["SET", "a", "1"]);
  await redis.call(["WAIT", "1", "0"], { timeoutMs: 60_000 });
  await one.kill();
  await two.ask("REPLICAOF", "NO", "ONE");
  await seen.recovered();
  assertEquals(textOf(await redis.call(["GET", "a"])), "1");
  assertEquals(await redis.call(["SET", "a", "2"]), "OK");
});

Deno.test("RedisConnection.open() says when nobody listens", async () => {
  const port = freePort();
  const error = await assertRejects(
    () => RedisConnection.open(`redis://:secret@127.0.0.1:${port}`),
    RedisError,
  );
  assertEquals(error.message, `Cannot use Redis at 127.0.0.1:${port} as nobody listens there`);
  assertEquals(Deno.inspect(error).includes("secret"), false);
});

Deno.test("RedisConnection.open() refuses options out of range", async () => {
  for (const options of [{ checkEveryMs: 0 }, { maxCalls: -1 }, { patienceMs: NaN }]) {
    await assertRejects(() => RedisConnection.open("redis://a", options), RangeError);
  }
});
